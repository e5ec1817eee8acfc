//! Acknowledgements that nobody takes, and messages that nobody should get.

use std::sync::Arc;

use async_nats::jetstream;
use event_catalog::ai_hub;
use event_catalog::execution::{self, InventoryUpdated};
use tidings::catalog::{Catalog, StreamLimits, StreamSpec, SubscriptionSpec};
use tidings::testing::NatsServer;
use tidings::{Config, ConnectionState, Event as _, Handled, Report, Tidings, event_handler};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{PATIENCE, Running, Sightings, Tracker, courier, next, sent, until};
use crate::server::connect;
use crate::server::poison::publish_raw;

async fn context(server: &NatsServer) -> jetstream::Context {
    jetstream::new(async_nats::connect(server.url()).await.expect("a connection"))
}

async fn delete(server: &NatsServer, spec: &SubscriptionSpec) {
    let context = context(server).await;
    let deleted = context.delete_consumer_from_stream(spec.durable, spec.stream).await;
    deleted.expect("deleted");
}

/// Bounds what the stream of dead letters takes.
async fn limit_dead_letters(server: &NatsServer, max_message_size: i32) {
    let context = context(server).await;
    let mut stream = context.get_stream("DLQ_EVENTS").await.expect("a stream");
    let mut config = stream.info().await.expect("its state").config.clone();
    config.max_message_size = max_message_size;
    context.update_stream(config).await.expect("updated");
}

/// A run whose handler is at work on one event, and which fetches no more.
struct Ending {
    gate: Arc<Notify>,
    run: JoinHandle<Result<Report, tidings::RunError>>,
    _sightings: Sightings,
}

impl Ending {
    async fn begin(bus: &Tidings) -> Self {
        let (gate, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let waiting = Arc::clone(&gate);
        let (tracker, mut sightings) = Tracker::new(move |_| {
            let waiting = Arc::clone(&waiting);
            async move {
                waiting.notified().await;
                Ok(())
            }
        });
        let ended = Arc::clone(&end);
        let run = bus.run(tracking::Journey::subscriber(tracker));
        let run = tokio::spawn(run.until(async move { ended.notified().await }));
        courier(bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
        next(&mut sightings).await;
        end.notify_one();
        Self { gate, run, _sightings: sightings }
    }

    /// Lets the handler answer.
    async fn end(self) -> Report {
        self.gate.notify_one();
        let ended = tokio::time::timeout(PATIENCE, self.run).await;
        ended.expect("the run ends").expect("no panic").expect("the run ends well")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_that_nobody_took_is_not_confirmed() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let ending = Ending::begin(&bus).await;
    let spec = <tracking::journey::Subscription as tidings::Subscription>::SPEC;
    delete(&server, spec).await;
    let report = ending.end().await;
    assert_eq!((report.handled, report.unconfirmed), (0, 1), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_to_a_frozen_server_is_not_confirmed() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let ending = Ending::begin(&bus).await;
    server.freeze().expect("frozen");
    let report = ending.end().await;
    assert_eq!((report.handled, report.unconfirmed), (0, 1), "{report:?}");
    server.thaw().expect("thawed");
}

/// Reports what it sees.
struct Watch(mpsc::UnboundedSender<String>);

#[event_handler]
impl ai_hub::StockWatch for Watch {
    async fn inventory_updated(&self, _: InventoryUpdated, cx: &ai_hub::Context) -> Handled {
        self.0.send(cx.event_id().to_owned())?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_to_what_is_new_reads_no_history_after_a_restart() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    let spec = <ai_hub::stock_watch::Subscription as tidings::Subscription>::SPEC;
    let samples = samples_for(spec);
    bus.ensure(&samples).await.expect("the catalog fits");
    let publisher = execution::Publisher::new(&bus).organization("acme");
    let event = || {
        serde_json::from_str::<InventoryUpdated>(InventoryUpdated::SPEC.examples[0]).expect("fits")
    };
    delete(&server, spec).await;
    for _ in 0..5 {
        publisher.inventory_updated(event()).id(uuid()).await.expect("stored");
    }
    bus.ensure(&samples).await.expect("created anew, for what comes now");

    let (seen, mut sightings) = mpsc::unbounded_channel();
    let run = Running::start(bus.run(ai_hub::StockWatch::subscriber(Watch(seen))));
    server.restart().await.expect("back, before the first message");
    until("it is back", async || matches!(bus.connection_state(), ConnectionState::Connected(2..)))
        .await;
    let new = publisher.inventory_updated(event()).id(uuid()).await.expect("stored");
    assert_eq!(next(&mut sightings).await, new.id);
    run.stop().await;
    assert!(sightings.try_recv().is_err(), "nothing of what was there before");
}

/// What a subscription needs of the samples, without their limits: together they reserve more room than a test machine may
/// have.
fn samples_for(spec: &'static SubscriptionSpec) -> Catalog {
    let needed = [spec.stream, spec.dead_letters.stream];
    let samples = &event_catalog::CATALOG;
    let streams: Vec<StreamSpec> = samples
        .streams
        .iter()
        .filter(|stream| needed.contains(&stream.name))
        .map(|stream| {
            let limits = StreamLimits { max_bytes: None, ..stream.limits };
            StreamSpec {
                limits,
                name: stream.name,
                subjects: stream.subjects,
                ownership: stream.ownership,
                bulk: stream.bulk,
                environments: &[],
            }
        })
        .collect();
    let (dead_letters, advisories) = (samples.dead_letters, samples.advisories);
    Catalog {
        name: samples.name,
        streams: streams.leak(),
        events: samples.events,
        subscriptions: vec![spec].leak(),
        payload_buckets: &[],
        buckets: &[],
        dead_letters,
        advisories,
    }
}

fn uuid() -> String {
    tidings::Uuid::now_v7().to_string()
}

/// While the dead letter cannot be stored, the connection is lost again and again, and each time the runtime looks for
/// malformed headers.
#[tokio::test(flavor = "multi_thread")]
async fn a_poison_that_cannot_be_buried_yet_is_not_counted_twice() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    limit_dead_letters(&server, 1).await;
    let headers = b"NATS/1.0\r\nx-note: \xff\xfe\r\n\r\n";
    publish_raw(&server, "parcels.parcel.sent", headers, b"{}").await;
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    for step in 0..3 {
        // It is handled, so the runtime has looked for what costs the connection.
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
        while next(&mut sightings).await.step != step {}
        server.restart().await.expect("back");
    }
    limit_dead_letters(&server, -1).await;
    until("it is buried", async || {
        bus.dead_letters(&CATALOG).all().await.is_ok_and(|letters| letters.len() == 1)
    })
    .await;
    let report = run.stop().await;
    // None at all where the server was killed before it could confirm the end.
    assert!(report.dead_lettered <= 1, "{report:?}");
}
