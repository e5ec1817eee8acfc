//! What does not work keeps nothing else from working: a stream that says nothing, a relay that reaches no broker, a database that
//! has gone silent.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tidings::outbox::Outbox;
use tidings::{Config, Dialect, Tidings};
use tidings_tests::database::{Postgres, Wire};

use super::ground::Broker;
use super::{Ground, Relaying, on_all_grounds, stored};
use crate::fixture::catalog::CATALOG;
use crate::fixture::{courier, sent, until};

on_all_grounds!(a_relay_that_reaches_no_broker_leaves_the_outbox_to_others);

const LEASE: Duration = Duration::from_millis(900);

async fn a_relay_that_reaches_no_broker_leaves_the_outbox_to_others<DB: Dialect>(
    ground: Ground<DB>,
) {
    // Nobody listens there.
    let nowhere = Tidings::connect(Config::new("nats://127.0.0.1:1").lazy()).await;
    let nowhere = nowhere.expect("not found out yet");
    let own = Outbox::new(ground.pool.clone());
    let lost = Relaying::start(own.relay(&nowhere).lease(LEASE));
    let publisher = courier(&ground.bus);
    for step in 0..40 {
        let event = publisher.parcel_sent(sent(&format!("p-{}", step % 20), step));
        own.store(event).await.expect("written");
    }
    let held = "SELECT count(*) FROM tidings_outbox_shard WHERE owner IS NOT NULL";
    until("it has everything", async || ground.number(held).await == 16).await;
    let other = Relaying::start(ground.outbox.relay(&ground.bus).lease(LEASE));
    ground.drained().await;
    assert_eq!(other.stop().await.relayed, 40);
    assert_eq!(lost.stop().await.relayed, 0);
    assert_eq!(stored(&ground.bus).await.len(), 40);
}

/// It has the events and gives no answer: nobody can know that.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_does_not_answer_holds_up_no_other() {
    use event_catalog::user_profile;
    let ground = Ground::sqlite_server().await;
    let Broker::Server(server) = &ground.broker else { unreachable!("it is a server") };
    let client = async_nats::connect(server.url()).await.expect("connected");
    let users = async_nats::jetstream::stream::Config {
        name: "USER_EVENTS".to_owned(),
        subjects: vec!["user.>".to_owned()],
        no_ack: true,
        ..Default::default()
    };
    async_nats::jetstream::new(client).create_stream(users).await.expect("a stream");
    let profiles = user_profile::Publisher::new(&ground.bus).organization("acme");
    let example = <event_catalog::user::UserCreated as tidings::Event>::SPEC.examples[0];
    let parcels = courier(&ground.bus);
    let relay = Relaying::start(ground.outbox.relay(&ground.bus).in_flight(4));
    for step in 0..40 {
        let mut user: event_catalog::user::UserCreated =
            serde_json::from_str(example).expect("it fits");
        user.user_id = tidings::Uuid::now_v7();
        ground.outbox.store(profiles.user_created(user)).await.expect("written");
        let parcel = parcels.parcel_sent(sent("p-1", step));
        ground.outbox.store(parcel).await.expect("written");
    }
    until("what can be relayed is", async || {
        ground.outbox.lag().await.expect("readable").waiting == 40
    })
    .await;
    let report = relay.stop().await;
    assert_eq!((report.relayed, report.left), (40, Some(40)), "{report:?}");
}

async fn pool(wire: &Wire) -> PgPool {
    PgPoolOptions::new().max_connections(4).connect(&wire.url()).await.expect("connected")
}

/// What was sent to it is not answered, and nothing tells that it never will be. New connections work.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_goes_on_when_its_connections_to_the_database_are_dead_without_a_word() {
    let server = Postgres::start().await.expect("a server");
    let wire = Wire::to(&server).await.expect("a wire");
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let outbox = Outbox::new(pool(&wire).await);
    outbox.migrate().await.expect("migrated");
    let relay = Relaying::start(outbox.relay(&bus).lease(LEASE));
    outbox.store(courier(&bus).parcel_sent(sent("p-1", 0))).await.expect("written");
    until("it is relayed", async || stored(&bus).await.len() == 1).await;
    wire.cut();
    let own = PgPool::connect(&server.url()).await.expect("connected");
    let other = Outbox::new(own);
    other.store(courier(&bus).parcel_sent(sent("p-1", 1))).await.expect("written");
    until("the next one is relayed", async || stored(&bus).await.len() == 2).await;
    assert_eq!(relay.stop().await.relayed, 2);
}

/// It has vanished within a transaction, and PostgreSQL has its locks for as long as the network believes in the connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_vanishes_in_a_transaction_stops_no_other() {
    let server = Postgres::start().await.expect("a server");
    let wire = Wire::to(&server).await.expect("a wire");
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let outbox = Outbox::new(PgPool::connect(&server.url()).await.expect("connected"));
    outbox.migrate().await.expect("migrated");
    // The answer to a statement within its first transaction never comes.
    wire.cut_after("FROM tidings_outbox_relay");
    let lost = Outbox::new(pool(&wire).await);
    let lost = Relaying::start(lost.relay(&bus).lease(LEASE));
    until("it is lost", async || wire.is_cut()).await;
    wire.refuse();
    for step in 0..20 {
        outbox.store(courier(&bus).parcel_sent(sent("p-1", step))).await.expect("written");
    }
    let relay = Relaying::start(outbox.relay(&bus).lease(LEASE));
    until("all are relayed", async || stored(&bus).await.len() == 20).await;
    relay.stop().await;
    lost.die().await;
}
