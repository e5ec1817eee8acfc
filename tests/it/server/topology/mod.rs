//! A server against a catalog: planned, applied, and put right after somebody has changed it by hand.

mod copies;
mod drift;
mod foreign;
mod prefix;
mod recreation;
mod start;
mod streams;

use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tidings::catalog::{Catalog, Ownership, StreamSpec};
use tidings::testing::NatsServer;
use tidings::topology::{Action, Class, Consent, Difference, Object, Plan};
use tidings::{Config, Tidings};

use crate::fixture::catalog::CATALOG;

/// Somebody at the server's own interface.
struct Admin(async_nats::Client);

impl Admin {
    async fn of(server: &NatsServer) -> Self {
        Self(async_nats::connect(server.url()).await.expect("a connection"))
    }

    async fn ask(&self, method: &str, request: &Value) -> Value {
        let payload = if request.is_null() { String::new() } else { request.to_string() };
        let answer = self.0.request(format!("$JS.API.{method}"), payload.into()).await;
        serde_json::from_slice(&answer.expect("an answer").payload).expect("JSON")
    }

    /// The same, which must not be refused.
    #[track_caller]
    fn call<'a>(&'a self, method: &'a str, request: Value) -> impl Future<Output = Value> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.ask(method, &request).await;
            assert!(answer.get("error").is_none(), "{caller}: {method}: {answer}");
            answer
        }
    }

    async fn stream(&self, name: &str) -> Map<String, Value> {
        let info = self.call(&format!("STREAM.INFO.{name}"), Value::Null).await;
        info["config"].as_object().expect("a configuration").clone()
    }

    async fn consumer(&self, stream: &str, name: &str) -> Value {
        self.call(&format!("CONSUMER.INFO.{stream}.{name}"), Value::Null).await
    }

    /// Changes some of a stream's settings.
    async fn change_stream(&self, name: &str, changes: Value) {
        let mut config = self.stream(name).await;
        config.extend(changes.as_object().expect("settings").clone());
        self.call(&format!("STREAM.UPDATE.{name}"), Value::Object(config)).await;
    }

    async fn change_consumer(&self, stream: &str, name: &str, changes: Value) {
        let mut info = self.consumer(stream, name).await;
        let mut config = info["config"].take();
        let fields = config.as_object_mut().expect("a configuration");
        fields.extend(changes.as_object().expect("settings").clone());
        let request = json!({ "stream_name": stream, "config": config });
        self.call(&format!("CONSUMER.CREATE.{stream}.{name}"), request).await;
    }

    /// Deletes a consumer and creates it with other settings.
    async fn replace_consumer(&self, stream: &str, name: &str, changes: Value) {
        let mut info = self.consumer(stream, name).await;
        let mut config = info["config"].take();
        let fields = config.as_object_mut().expect("a configuration");
        fields.extend(changes.as_object().expect("settings").clone());
        self.call(&format!("CONSUMER.DELETE.{stream}.{name}"), Value::Null).await;
        let request = json!({ "stream_name": stream, "config": config });
        self.call(&format!("CONSUMER.CREATE.{stream}.{name}"), request).await;
    }
}

async fn connect(server: &NatsServer) -> Tidings {
    Tidings::connect(Config::new(server.url())).await.expect("a connection")
}

async fn plan(bus: &Tidings, catalog: &Catalog) -> Plan {
    bus.topology(catalog).plan().await.expect("a plan")
}

/// Whether the server stores schedules and batches.
fn is_modern(plan: &Plan) -> bool {
    is_at_least(plan, 12)
}

/// Whether the server is of this minor version or a newer one.
fn is_at_least(plan: &Plan, minor: u32) -> bool {
    let mut numbers = plan.server().split('.').map(|number| number.parse().expect("a number"));
    (numbers.next().expect("one"), numbers.next().expect("two")) >= (2, minor)
}

/// What differs, one line each.
fn lines<'d>(differences: impl Iterator<Item = &'d Difference>) -> Vec<String> {
    differences
        .map(|one| format!("{}: {} [{}]", one.object.path(), one.text, one.class.as_str()))
        .collect()
}

/// The fixture catalog with its streams changed.
fn changed(change: impl Fn(&mut StreamSpec)) -> Catalog {
    let copy = |spec: &StreamSpec| {
        let mut copy = StreamSpec {
            name: spec.name,
            subjects: spec.subjects,
            ownership: spec.ownership,
            bulk: spec.bulk,
            limits: spec.limits.clone(),
            environments: spec.environments,
        };
        change(&mut copy);
        copy
    };
    let streams: Vec<_> = CATALOG.streams.iter().map(copy).collect();
    // For as long as the process of the test lives.
    Catalog { streams: streams.leak(), ..CATALOG }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_applied_to_an_empty_server_needs_no_change() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let before = plan(&bus, &CATALOG).await;
    assert!(before.steps().iter().all(|step| step.action == Action::Create), "{before:?}");

    let applied = bus.topology(&CATALOG).apply().await.expect("applied");
    assert_eq!(applied.done.len(), before.steps().len());
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    assert!(applied.left.is_clean(), "{:?}", lines(applied.left.differences()));

    let after = plan(&bus, &CATALOG).await;
    assert!(after.is_clean(), "{:?}", lines(after.differences()));
    let notes = lines(after.notes());
    let is_noted = |words: &str| {
        notes.iter().any(|note| note.contains("server too old") && note.contains(words))
    };
    assert_eq!(is_noted("all or nothing"), !is_modern(&after), "{notes:?}");
    let takes_loads = is_at_least(&after, 14);
    assert_eq!(is_noted("PARCELS_EVENTS: takes no bulk loads"), !takes_loads, "{notes:?}");
    let admin = Admin::of(&server).await;
    for (stream, is_bulk) in [("PARCELS_EVENTS", true), ("TOLLS_EVENTS", false)] {
        let allowed = admin.stream(stream).await.get("allow_batched").cloned();
        assert_eq!(allowed == Some(json!(true)), is_bulk && takes_loads, "{stream}: {allowed:?}");
    }
    assert!(bus.topology(&CATALOG).apply().await.expect("again").done.is_empty());
    // What a service does at its start is the same.
    bus.ensure(&CATALOG).await.expect("nothing to do");
    assert!(plan(&bus, &CATALOG).await.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_ensured_needs_no_change() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::connect(&server).await;
    let after = plan(&bus, &CATALOG).await;
    assert!(after.is_clean(), "{:?}", lines(after.differences()));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_may_apply_at_once() {
    let server = NatsServer::start().await.expect("a server");
    let all = join_all((0..10).map(|_| connect(&server))).await;
    let applied = join_all(all.iter().map(async |bus| bus.topology(&CATALOG).apply().await)).await;
    for one in applied {
        let one = one.expect("applied");
        assert!(one.refused.is_empty(), "{:?}", one.refused);
        assert!(one.left.is_clean(), "{:?}", lines(one.left.differences()));
    }

    let admin = Admin::of(&server).await;
    admin
        .change_stream(
            "PARCELS_EVENTS",
            json!({ "max_age": 60_000_000_000_u64, "duplicate_window": 1_000_000_000 }),
        )
        .await;
    admin.change_consumer("PARCELS_EVENTS", "tracking-journey", json!({ "max_deliver": 3 })).await;
    admin
        .replace_consumer(
            "PARCELS_EVENTS",
            "tracking-patient",
            json!({ "ack_policy": "none", "max_ack_pending": 0 }),
        )
        .await;
    let consent = Consent::new().recreate("tracking-patient");
    let topology = |bus: &Tidings| bus.topology(&CATALOG).consent(consent.clone());
    for one in join_all(all.iter().map(async |bus| topology(bus).apply().await)).await {
        let one = one.expect("applied");
        assert!(one.refused.is_empty(), "{:?}", one.refused);
    }
    assert!(plan(&all[0], &CATALOG).await.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_no_service_has_created_is_noted() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    for (bus, stream) in [
        (bus.clone(), "KV_tolls_inbox"),
        (crate::fixture::under(&bus, "staging"), "KV_staging_tolls_inbox"),
    ] {
        let applied = bus.topology(&CATALOG).apply().await.expect("applied");
        let is_noted = |plan: &Plan| plan.notes().any(|note| note.object.path() == stream);
        assert!(applied.left.is_clean() && is_noted(&applied.left), "{:?}", applied.left);
        let config = tidings::kv::BucketConfig::new("tolls_inbox");
        bus.ensure_bucket(&config).await.expect("created");
        let after = plan(&bus, &CATALOG).await;
        assert!(after.is_clean() && !is_noted(&after), "{after:?}");
    }
}
