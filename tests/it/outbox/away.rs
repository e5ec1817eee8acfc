//! The broker is away.

use std::collections::HashMap;

use tidings::outbox::OutboxError;
use tidings::testing::{Fault, NatsServer, ServerConfig};
use tidings::{BrokerError, Config, ConnectionState, Dialect, Tidings};

use super::ground::Broker;
use super::{Ground, Relaying, on_all_grounds, stored};
use crate::fixture::{PATIENCE, courier, sent, until};

on_all_grounds!(
    what_is_stored_while_the_broker_is_away_is_relayed_when_it_is_back,
    events_of_a_missing_stream_wait_and_others_do_not,
);

async fn what_is_stored_while_the_broker_is_away_is_relayed_when_it_is_back<DB: Dialect>(
    mut ground: Ground<DB>,
) {
    const STEPS: u64 = 900;
    let relay = Relaying::start(ground.outbox.relay(&ground.bus));
    let publisher = courier(&ground.bus);
    for step in 0..STEPS {
        if step == STEPS / 3 {
            ground.broker.leave();
        }
        if step == 2 * STEPS / 3 {
            ground.broker.come_back().await;
        }
        let event = publisher.parcel_sent(sent(&format!("p-{}", step % 7), step));
        ground.outbox.store(event).await.expect("a broker is not needed");
    }
    ground.drained().await;
    relay.stop().await;
    let seen = stored(&ground.bus).await;
    assert_eq!(seen.len() as u64, STEPS, "each once");
    let mut last: HashMap<String, u64> = HashMap::new();
    for seen in seen {
        let before = last.insert(seen.parcel, seen.step);
        assert!(before.is_none_or(|before| before < seen.step));
    }
}

async fn events_of_a_missing_stream_wait_and_others_do_not<DB: Dialect>(ground: Ground<DB>) {
    use event_catalog::user_profile;
    let Ground { outbox, bus, .. } = &ground;
    let profiles = user_profile::Publisher::new(bus).organization("acme");
    let example = <event_catalog::user::UserCreated as tidings::Event>::SPEC.examples[0];
    let relay = Relaying::start(outbox.relay(bus).in_flight(4));
    for step in 0..20 {
        let user = serde_json::from_str(example).expect("it fits");
        outbox.store(profiles.user_created(user)).await.expect("written");
        outbox.store(courier(bus).parcel_sent(sent("p-1", step))).await.expect("written");
    }
    until("what can be relayed is", async || outbox.lag().await.expect("readable").waiting == 20)
        .await;
    assert_eq!(stored(bus).await.len(), 20);
    bus.ensure(&event_catalog::CATALOG).await.expect("the catalog fits");
    ground.drained().await;
    let report = relay.stop().await;
    assert_eq!((report.relayed, report.dead), (40, 0));
}

/// Neither the start of a service nor its work needs a broker.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_begins_without_its_broker() {
    let mut ground = Ground::sqlite_server().await;
    let Broker::Server(server) = &ground.broker else { unreachable!("it is a server") };
    let url = server.url();
    ground.broker.leave();
    let refused = Tidings::connect(Config::new(&url)).await;
    assert!(refused.is_err(), "nobody answers");
    let bus = Tidings::connect(Config::new(&url).lazy()).await.expect("not found out yet");
    assert_eq!(bus.connection_state(), ConnectionState::Disconnected);
    let relay = Relaying::start(ground.outbox.relay(&bus));
    for step in 0..10 {
        let event = courier(&bus);
        ground.outbox.store(event.parcel_sent(sent("p-1", step))).await.expect("written");
    }
    ground.broker.come_back().await;
    bus.connected().await.expect("it is back");
    ground.drained().await;
    assert_eq!(relay.stop().await.relayed, 10);
    let published = courier(&bus).parcel_sent(sent("p-1", 10)).await.expect("stored");
    assert_eq!(published.sequence, Some(11));
}

/// Nobody looks for a server for ever that refuses the password.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_ends_when_its_credentials_are_refused_again_and_again() {
    let ground = Ground::sqlite_embedded().await;
    let config = ServerConfig::default().user("billing", "right");
    let server = NatsServer::start_with(config).await.expect("a server");
    let config = Config::new(server.url()).user("billing", "wrong").lazy();
    let bus = Tidings::connect(config).await.expect("not found out yet");
    let relay = ground.outbox.relay(&bus).into_future();
    ground.outbox.store(courier(&bus).parcel_sent(sent("p-1", 0))).await.expect("written");
    let ended = tokio::time::timeout(PATIENCE, relay).await.expect("it ends");
    assert!(matches!(ended, Err(OutboxError::Broker(BrokerError::Closed))), "{ended:?}");
    assert_eq!(ground.outbox.lag().await.expect("readable").waiting, 1);
}

/// Answers are lost, publishes are, the disk is full for a moment: each event is there once, and in its place.
#[tokio::test]
async fn whatever_happens_on_the_way_each_event_is_stored_once() {
    let ground = Ground::sqlite_embedded().await;
    let Broker::Embedded(faults) = &ground.broker else { unreachable!("it is embedded") };
    let publisher = courier(&ground.bus);
    for step in 0..200 {
        let event = publisher.parcel_sent(sent(&format!("p-{}", step % 5), step));
        ground.outbox.store(event).await.expect("written");
    }
    faults.randomly(
        7,
        [
            (Fault::PublishAnswerLost, 0.01),
            (Fault::PublishLost, 0.01),
            (Fault::DiskFull, 0.02),
            (Fault::Disconnect(std::time::Duration::from_millis(50)), 0.02),
        ],
    );
    let relay = Relaying::start(ground.outbox.relay(&ground.bus).in_flight(16));
    ground.drained().await;
    relay.stop().await;
    assert!(faults.struck().len() > 3, "{:?}", faults.struck());
    faults.stop();
    let mut last: HashMap<String, u64> = HashMap::new();
    let seen = stored(&ground.bus).await;
    assert_eq!(seen.len(), 200);
    for seen in seen {
        let before = last.insert(seen.parcel, seen.step);
        assert!(before.is_none_or(|before| before < seen.step));
    }
}
