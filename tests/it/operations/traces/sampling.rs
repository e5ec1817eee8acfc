//! What is sampled and what is not, by OpenTelemetry's own variables. Each test runs in a process that has them from its beginning.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::{Arc, Mutex};

use futures_util::future;
use opentelemetry::trace::TraceContextExt as _;
use tidings::catalog::SubscriptionSpec;
use tidings::otlp::Otlp;
use tidings::testing::NatsServer;
use tidings::{Envelope, Handled, Subscription as _, Tidings, event_handler};
use tracing::Instrument as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry;

use super::collector::collector;
use super::watched::{Sighting, Watch};
use crate::fixture::catalog::{CATALOG, courier, parcels, tracking};
use crate::fixture::{Running, sent};

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
/// That this is the process which has them.
const AT_HOME: &str = "TIDINGS_TEST_OF_SAMPLING";

/// What is exported of each event that is sampled.
const WHOLE: [&str; 5] = [
    "ack tracking-patient",
    "look",
    "process parcels.parcel.sent",
    "publish parcels.parcel.lost",
    "publish parcels.parcel.sent",
];

/// Tests, each with the sampler and its argument.
macro_rules! sampled_by {
    ($($sampler:expr, $argument:expr => $test:ident;)+) => {$(
        #[test]
        fn $test() {
            let name = concat!(module_path!(), "::", stringify!($test));
            at_home($sampler, $argument, name, async || of::$test().await);
        }
    )+};
}

sampled_by! {
    None, "" => without_a_word_all_is_sampled_but_what_has_an_unsampled_parent;
    Some("parentbased_traceidratio"), "0.25" => a_quarter_is_sampled_whole_and_nothing_of_the_others;
    Some("parentbased_traceidratio"), "0.5" => half_is_sampled_on_a_server;
    Some("parentbased_traceidratio"), "0" => a_sampled_parent_outdoes_a_share_of_nothing;
    Some("parentbased_always_off"), "" => only_what_has_a_sampled_parent;
    Some("always_on"), "" => everything_whatever_its_parent_says;
    Some("always_off"), "" => nothing_whatever_its_parent_says;
    Some("traceidratio"), "0.5" => the_trace_says_whatever_its_parent_does;
    Some("parentbased_always_off"), "0.0" => logs_see_what_is_not_sampled;
    Some("always_off"), "1" => of_what_is_not_sampled_no_span_is_made_for_nobody;
    Some("always_off"), "0" => what_is_kept_from_the_layer_is_no_part_of_a_trace;
}

/// Runs a test in a process with this sampler.
fn at_home<T>(sampler: Option<&str>, argument: &str, name: &str, test: impl FnOnce() -> T)
where
    T: Future<Output = ()>,
{
    if std::env::var_os(AT_HOME).is_some() {
        // One thread, so that this thread's subscriber sees everything.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        return runtime.expect("a runtime").block_on(test());
    }
    let (_, name) = name.split_once("::").expect("a crate's");
    let mut process = Command::new(std::env::current_exe().expect("this program"));
    process.args([name, "--exact", "--nocapture"]).env(AT_HOME, "");
    process.env_remove(SAMPLER).env_remove(ARGUMENT);
    process.envs(sampler.map(|sampler| (SAMPLER, sampler)));
    process.envs((!argument.is_empty()).then_some((ARGUMENT, argument)));
    let ended = process.output().expect("it runs");
    let told = String::from_utf8_lossy(&ended.stdout);
    let is_one = told.contains("1 passed");
    assert!(ended.status.success() && is_one, "{told}{}", String::from_utf8_lossy(&ended.stderr));
}

/// Looks for every parcel, in a span of its own, and reports it as lost there.
struct Looking;

#[event_handler]
impl tracking::Patient for Looking {
    async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        let lost = parcels::ParcelLost { parcel_id: event.parcel_id };
        cx.publish(lost).into_future().instrument(tracing::info_span!("look")).await?;
        Ok(())
    }
}

/// What became of events.
struct Ended {
    /// The names of the spans of each trace.
    exported: BTreeMap<String, Vec<String>>,
    /// The events, and what followed from them, by their correlation.
    stored: Vec<[Envelope; 2]>,
}

/// Publishes an event within each of these contexts, and has it handled.
async fn ended(bus: Tidings, contexts: impl IntoIterator<Item = Option<String>>) -> Ended {
    let (received, endpoint) = collector().await;
    let otlp = Otlp::to("tests", &endpoint).expect("set up");
    let subscriber = registry().with(otlp.layer());
    let subscribed = tracing::subscriber::set_default(subscriber);
    let stored = published_and_handled(&bus, contexts).await;
    drop(subscribed);
    otlp.shutdown().await;
    let mut exported: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for span in received.spans.lock().expect("alive").drain(..) {
        let trace = span.trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
        exported.entry(trace).or_default().push(span.name);
    }
    exported.values_mut().for_each(|names| names.sort());
    Ended { exported, stored }
}

pub(super) async fn published_and_handled(
    bus: &Tidings,
    contexts: impl IntoIterator<Item = Option<String>>,
) -> Vec<[Envelope; 2]> {
    let run = Running::start(bus.run(tracking::Patient::subscriber(Looking)));
    let mut receipts = Vec::new();
    for (step, context) in (0..).zip(contexts) {
        let mut publisher = crate::fixture::courier(bus);
        if let Some(context) = context {
            publisher = (*publisher).clone().trace_parent(context).trace_state("vendor=1").into();
        }
        let event = publisher.parcel_sent(sent("p-1", step)).id(format!("event-{step}"));
        receipts.push(event.enqueue().await.expect("on its way"));
    }
    for receipt in receipts {
        receipt.await.expect("stored");
    }
    bus.idle(tracking::patient::Subscription::SPEC).await.expect("idle");
    run.stop().await;
    let mut lost = stored(bus, courier::search::Subscription::SPEC).await;
    let sent = stored(bus, tracking::patient::Subscription::SPEC).await;
    sent.into_iter()
        .map(|(correlation, event)| [event, lost.remove(&correlation).expect("one follows")])
        .collect()
}

/// What a subscription is for, by its correlation.
async fn stored(bus: &Tidings, spec: &'static SubscriptionSpec) -> BTreeMap<String, Envelope> {
    let found = Arc::new(Mutex::new(BTreeMap::new()));
    let kept = Arc::clone(&found);
    let read = bus.replay(spec).each_untyped(move |event, _| {
        let correlation = event.envelope.correlation_id.as_deref().expect("one").to_owned();
        kept.lock().expect("alive").insert(correlation, event.envelope.clone());
        future::ready(Ok(()))
    });
    read.await.expect("read");
    std::mem::take(&mut found.lock().expect("alive"))
}

/// The trace of an event, and whether it is sampled.
pub(super) fn told(event: &Envelope) -> (String, bool) {
    let context = event.trace_parent.as_deref().expect("a context").to_owned();
    let parts: Vec<&str> = context.split('-').collect();
    let ["00", trace, span, flags @ ("00" | "01")] = parts[..] else { panic!("{context}") };
    assert_eq!((trace.len(), span.len()), (32, 16), "{context}");
    (trace.to_owned(), flags == "01")
}

impl Ended {
    /// Each trace is exported as a whole, or nothing of it, as its events say; gives those that are.
    fn sampled(&self) -> BTreeSet<String> {
        let mut sampled = BTreeSet::new();
        for [sent, lost] in &self.stored {
            assert_eq!(told(sent), told(lost), "what follows from an event is of its trace");
            assert_eq!(sent.trace_state, lost.trace_state);
            let (trace, is_sampled) = told(sent);
            match self.exported.get(&trace) {
                Some(names) => assert_eq!(names[..], WHOLE, "{trace}"),
                None => assert!(!is_sampled, "{trace} is missing"),
            }
            if is_sampled {
                sampled.insert(trace);
            }
        }
        assert!(self.exported.keys().eq(&sampled), "{:?}", self.exported);
        sampled
    }

    /// About this share is sampled: a right one is taken for a wrong one once in five hundred million times.
    fn assert_share(&self, share: f64) {
        let all = self.stored.len() as f64;
        let sampled = self.sampled().len() as f64 / all;
        let deviation = (share * (1.0 - share) / all).sqrt();
        assert!((sampled - share).abs() < 6.0 * deviation, "{sampled} of {all}");
    }
}

async fn embedded() -> Tidings {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}

/// Contexts of other processes, each of a trace of its own.
fn contexts(from: u32, flags: &str) -> impl Iterator<Item = Option<String>> {
    (from..from + 20).map(move |trace| Some(format!("00-{trace:032x}-00f067aa0ba902b7-{flags}")))
}

/// Events without a parent, with an unsampled and with a sampled one; gives which of their traces are sampled.
async fn of_each_kind() -> [usize; 3] {
    let roots = std::iter::repeat_n(None, 20);
    let (unsampled, sampled) = (contexts(0x100, "00"), contexts(0x200, "01"));
    let ended = ended(embedded().await, roots.chain(unsampled).chain(sampled)).await;
    for [sent, _] in &ended.stored {
        let is_root = !told(sent).0.starts_with("000000000000000000000000");
        assert_eq!(sent.trace_state.as_deref(), (!is_root).then_some("vendor=1"));
    }
    let of = |start: &str, traces: &BTreeSet<String>| {
        traces.iter().filter(|trace| trace.trim_start_matches('0').starts_with(start)).count()
    };
    let (told, others): (BTreeSet<_>, BTreeSet<_>) = ended
        .sampled()
        .into_iter()
        .partition(|trace| trace.starts_with("000000000000000000000000"));
    [others.len(), of("1", &told), of("2", &told)]
}

/// The tests themselves.
mod of {
    use super::*;

    pub(super) async fn without_a_word_all_is_sampled_but_what_has_an_unsampled_parent() {
        assert_eq!(of_each_kind().await, [20, 0, 20]);
    }

    pub(super) async fn a_quarter_is_sampled_whole_and_nothing_of_the_others() {
        ended(embedded().await, std::iter::repeat_n(None, 800)).await.assert_share(0.25);
    }

    pub(super) async fn half_is_sampled_on_a_server() {
        let server = NatsServer::start().await.expect("a server");
        let bus = crate::server::connect(&server).await;
        ended(bus, std::iter::repeat_n(None, 200)).await.assert_share(0.5);
    }

    pub(super) async fn a_sampled_parent_outdoes_a_share_of_nothing() {
        assert_eq!(of_each_kind().await, [0, 0, 20]);
    }

    pub(super) async fn only_what_has_a_sampled_parent() {
        assert_eq!(of_each_kind().await, [0, 0, 20]);
    }

    pub(super) async fn everything_whatever_its_parent_says() {
        assert_eq!(of_each_kind().await, [20, 20, 20]);
    }

    pub(super) async fn nothing_whatever_its_parent_says() {
        assert_eq!(of_each_kind().await, [0, 0, 0]);
    }

    pub(super) async fn the_trace_says_whatever_its_parent_does() {
        // By its last eight bytes.
        let trace = |tail: &'static str, flags: &'static str| {
            (0..20)
                .map(move |trace| Some(format!("00-{trace:016x}{tail}-00f067aa0ba902b7-{flags}")))
        };
        let low = trace("00000000000000ff", "00").chain(trace("000000000000ffff", "01"));
        let high = trace("ffffffffffffffff", "01").chain(trace("ffffffffffffff00", "00"));
        let sampled = ended(embedded().await, low.chain(high)).await.sampled();
        assert_eq!(sampled.len(), 40);
        assert!(sampled.iter().all(|trace| &trace[16..18] == "00"), "{sampled:?}");
    }

    pub(super) async fn logs_see_what_is_not_sampled() {
        let (received, endpoint) = collector().await;
        let otlp = Otlp::to("tests", &endpoint).expect("set up");
        let alone = seen_by(|watch| Box::new(registry().with(watch))).await;
        assert!(alone.iter().any(|span| span.name == "settle"), "{alone:#?}");
        let (before, behind, filtered) = (
            seen_by(|watch| Box::new(registry().with(watch).with(otlp.layer()))).await,
            seen_by(|watch| Box::new(registry().with(otlp.layer()).with(watch))).await,
            seen_by(|watch| {
                let watch = watch.with_filter(LevelFilter::INFO);
                Box::new(registry().with(otlp.layer()).with(watch))
            })
            .await,
        );
        assert_eq!(before, alone);
        assert_eq!(behind, alone);
        assert_eq!(filtered, alone);
        otlp.shutdown().await;
        assert!(received.spans.lock().expect("alive").is_empty(), "nothing is sampled");
    }

    pub(super) async fn of_what_is_not_sampled_no_span_is_made_for_nobody() {
        /// Takes down which span it is called in, and which context OpenTelemetry has.
        #[derive(Clone, Default)]
        struct Within(Arc<Mutex<Vec<Here>>>);

        /// The span's name, and the context's trace.
        type Here = (Option<&'static str>, Option<String>);

        #[event_handler]
        impl courier::Search for Within {
            async fn parcel_lost(&self, _: parcels::ParcelLost, _: &courier::Context) -> Handled {
                let span = tracing::Span::current().metadata().map(tracing::Metadata::name);
                let context = opentelemetry::Context::map_current(|context| {
                    let span = context.span();
                    let context = span.span_context();
                    context.is_valid().then(|| context.trace_id().to_string())
                });
                self.0.lock().expect("alive").push((span, context));
                Ok(())
            }
        }

        let (_received, endpoint) = collector().await;
        let otlp = Otlp::to("tests", &endpoint).expect("set up");
        let subscriber = registry().with(otlp.layer());
        let subscribed = tracing::subscriber::set_default(subscriber);
        let bus = embedded().await;
        // The runtime's first span shows that the layer sees them.
        let stored = published_and_handled(&bus, [None, None]).await;
        let within = Within::default();
        let run = Running::start(bus.run(courier::Search::subscriber(within.clone())));
        bus.idle(courier::search::Subscription::SPEC).await.expect("idle");
        run.stop().await;
        drop(subscribed);
        otlp.shutdown().await;
        let traces = stored.iter().map(|[_, lost]| (None, Some(told(lost).0)));
        assert_eq!(*within.0.lock().expect("alive"), traces.collect::<Vec<_>>());
    }

    pub(super) async fn what_is_kept_from_the_layer_is_no_part_of_a_trace() {
        let (_received, endpoint) = collector().await;
        let otlp = Otlp::to("tests", &endpoint).expect("set up");
        let by_layer = otlp.layer().with_filter(LevelFilter::WARN);
        let logs = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
        let by_layer = registry().with(by_layer).with(logs);
        let by_all = registry().with(LevelFilter::WARN).with(otlp.layer());
        for subscriber in [tracing::Dispatch::new(by_layer), tracing::Dispatch::new(by_all)] {
            let subscribed = tracing::dispatcher::set_default(&subscriber);
            let given = Some("00-000000000000000000000000000000ff-00f067aa0ba902b7-01".to_owned());
            let stored =
                published_and_handled(&embedded().await, [None, None, given.clone()]).await;
            drop(subscribed);
            for ([sent, lost], given) in stored.iter().zip([None, None, given]) {
                assert_eq!(sent.trace_parent.as_deref(), given.as_deref());
                assert_eq!(lost.trace_parent.as_deref(), given.as_deref());
            }
        }
        otlp.shutdown().await;
    }

    /// The runtime's spans of three events, as another layer sees them.
    async fn seen_by(
        subscriber: impl FnOnce(Watch) -> Box<dyn tracing::Subscriber + Send + Sync>,
    ) -> Vec<Sighting> {
        let watch = Watch::default();
        let subscribed = tracing::subscriber::set_default(subscriber(watch.clone()));
        published_and_handled(&embedded().await, [None, None, None]).await;
        drop(subscribed);
        watch.seen()
    }
}
