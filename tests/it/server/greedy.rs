//! Handlers that use up all that their task may do at once.

use tidings::Reason;
use tidings::testing::NatsServer;
use tokio::task::coop::consume_budget;

use super::connect;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Tracker, courier, sent, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_always_goes_on_is_ended_like_one_that_waits() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let (tracker, _sightings) = Tracker::new(async |_| {
        loop {
            consume_budget().await;
        }
    });
    let run = Running::start(bus.run(tracking::Brief::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let letters = async || bus.dead_letters(&CATALOG).all().await;
    until("it is given up", async || letters().await.is_ok_and(|letters| letters.len() == 1)).await;
    let letters = letters().await.expect("readable");
    assert_eq!(letters[0].reason, Some(Reason::TimedOut));
    assert_eq!(run.stop().await.dead_lettered, 1);
}
