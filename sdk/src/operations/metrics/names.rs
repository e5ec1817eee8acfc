//! What is measured: the names that exporters show, and that dashboards and alerts are written with.

/// One of the figures.
///
/// ```
/// use tidings::metrics::{Kind, METRICS};
///
/// for metric in METRICS.iter().filter(|metric| metric.kind == Kind::Gauge) {
///     println!("{} by {}: {}", metric.name, metric.labels.join(", "), metric.help);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// Its name, as Prometheus has it.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its labels. Their values are names of the catalog, or words of a closed set.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub help: &'static str,
}

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// It only rises.
    Counter,
    /// It rises and falls.
    Gauge,
    /// How often which values were seen.
    Histogram,
}

/// Labels of what is published.
const PUBLISHED_BY: [&str; 2] = ["event_type", "service"];
/// Labels of a subscription.
const OF_SUBSCRIPTION: [&str; 2] = ["service", "subscription"];

macro_rules! metrics {
    ($($(#[$when:meta])* $id:ident = $name:literal, $kind:ident, $labels:expr, $help:literal;)+) => {
        $($(#[$when])* pub(super) const $id: &str = $name;)+

        /// Everything that is measured, in the order of the guide.
        pub const METRICS: &[Metric] =
            &[$(Metric { name: $name, kind: Kind::$kind, labels: $labels, help: $help }),+];
    };
}

metrics! {
    PUBLISHED = "events_published_total", Counter,
        &[PUBLISHED_BY[0], PUBLISHED_BY[1], "status"],
        "Events published, by what became of them.";
    PUBLISH_DURATION = "event_publish_duration_seconds", Histogram, &PUBLISHED_BY,
        "Time from the call to the outcome of a publish.";
    CONSUMED = "events_consumed_total", Counter,
        &["event_type", "service", "subscription", "status"],
        "Deliveries, by what became of them.";
    HANDLER_DURATION = "event_handler_duration_seconds", Histogram,
        &["event_type", "service", "subscription"],
        "Time that an attempt to handle an event took.";
    HANDLER_ERRORS = "event_handler_errors_total", Counter,
        &["event_type", "service", "subscription", "kind"],
        "Attempts that failed, by how.";
    LAG = "subscription_lag", Gauge, &OF_SUBSCRIPTION,
        "Events that a subscription was not handed yet.";
    IN_FLIGHT = "subscription_in_flight", Gauge, &OF_SUBSCRIPTION,
        "Events that a subscription was handed and has not settled.";
    DEAD_LETTERS = "dead_letters", Gauge, &OF_SUBSCRIPTION,
        "Dead letters that are held for a subscription.";
    BREAKER = "breaker_state", Gauge, &OF_SUBSCRIPTION,
        "Whether a subscription has paused: 0 closed, 1 half-open, 2 open.";
    PUBLISHER_BREAKER = "publisher_breaker_state", Gauge, &["service"],
        "Whether publishing has paused: 0 closed, 1 half-open, 2 open.";
    CONNECTED = "broker_connected", Gauge, &["service"],
        "Whether the process has a connection to the broker: 1 yes, 0 no.";
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    OUTBOX_PENDING = "outbox_pending", Gauge, &[],
        "Events that wait in the outbox to be relayed.";
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    OUTBOX_OLDEST = "outbox_oldest_seconds", Gauge, &[],
        "For how long the oldest event in the outbox has waited.";
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    OUTBOX_DEAD = "outbox_dead", Gauge, &[],
        "Events in the outbox that the broker has refused for good.";
}

/// Upper bounds of the histograms' buckets, in seconds: from a publish on one machine to a handler that may run for an hour.
/// No share of them is ever found above the last bound, and alerts compare with a handler's timeout, so they are close where
/// timeouts are.
#[cfg(feature = "prometheus")]
pub(crate) const BUCKETS: [f64; 23] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0,
    20.0, 30.0, 45.0, 60.0, 120.0, 300.0, 600.0, 3600.0,
];
