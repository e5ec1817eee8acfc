//! Messages that are stored once more, by us or by others.

use tidings::testing::NatsServer;
use tidings::{Subscription as _, Tidings};

use crate::fixture::catalog::tracking;
use crate::fixture::{Running, Tracker, courier, next, sent};
use crate::server::connect;

/// Sends a command twice, as somebody does who knows nothing of the first answer.
pub(super) async fn same_command_twice(bus: &Tidings) {
    let command = || {
        let publisher = courier(bus);
        async move { publisher.parcel_sent(sent("p-1", 0)).id("command").expect_last_sequence(0).await }
    };
    let first = command().await.expect("stored");
    assert_eq!((first.sequence, first.duplicate), (Some(1), false));
    let again = command().await.expect("no conflict with itself");
    assert!(again.duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_sent_again_is_the_same_event() {
    let server = NatsServer::start().await.expect("a server");
    same_command_twice(&connect(&server).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_a_foreign_pull_stored_once_more_is_handled_once() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let published = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let client = async_nats::connect(server.url()).await.expect("a connection");
    // Whoever may read another subscription of the stream can do this.
    let spec = tracking::patient::Subscription::SPEC;
    let pull = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", spec.stream, spec.durable);
    let request = client.publish_with_reply(pull, "parcels.parcel.sent", "1".into());
    request.await.expect("asked");
    client.flush().await.expect("sent");

    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    assert_eq!(next(&mut sightings).await.id, published.id);
    let later = courier(&bus).parcel_sent(sent("p-1", 1)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.id, later.id);
    run.stop().await;
}
