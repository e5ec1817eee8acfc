//! The metrics that services hand out, by the names that Prometheus knows them by, and how they are asked for.
//!
//! Several instances of a service measure the same lag, dead letters and outbox: the greatest counts. What they count
//! themselves is added up.

pub(super) const PUBLISHED: &str = "events_published_total";
pub(super) const PUBLISH_DURATION: &str = "event_publish_duration_seconds";
pub(super) const CONSUMED: &str = "events_consumed_total";
pub(super) const HANDLER_DURATION: &str = "event_handler_duration_seconds";
pub(super) const HANDLER_ERRORS: &str = "event_handler_errors_total";
pub(super) const LAG: &str = "subscription_lag";
pub(super) const IN_FLIGHT: &str = "subscription_in_flight";
pub(super) const DEAD_LETTERS: &str = "dead_letters";
pub(super) const BREAKER: &str = "breaker_state";
pub(super) const PUBLISHER_BREAKER: &str = "publisher_breaker_state";
pub(super) const CONNECTED: &str = "broker_connected";
pub(super) const OUTBOX_PENDING: &str = "outbox_pending";
pub(super) const OUTBOX_OLDEST: &str = "outbox_oldest_seconds";
pub(super) const OUTBOX_DEAD: &str = "outbox_dead";

/// Which series are meant: those with these labels.
#[derive(Clone, Debug)]
pub(super) struct Selector(String);

impl Selector {
    /// Those of one service.
    pub(super) fn service(service: &str) -> Self {
        Self(format!("service=\"{service}\""))
    }

    /// Those of one subscription.
    pub(super) fn subscription(service: &str, subscription: &str) -> Self {
        Self::service(service).and(&format!("subscription=\"{subscription}\""))
    }

    /// Those of the services that a reader of the dashboard chose.
    pub(super) fn chosen() -> Self {
        Self("service=~\"$service\"".to_owned())
    }

    /// Those of them for which this holds too.
    pub(super) fn and(&self, matcher: &str) -> Self {
        Self(format!("{},{matcher}", self.0))
    }

    pub(super) fn of(&self, metric: &str) -> String {
        format!("{metric}{{{}}}", self.0)
    }
}

/// What all instances measure alike: the greatest value for each of these labels.
pub(super) fn measured(by: &str, metric: &str, selector: &Selector) -> String {
    format!("max by ({by}) ({})", selector.of(metric))
}

/// What each instance counts: how much a second over the window, added up for each of these labels.
pub(super) fn rate(by: &str, metric: &str, selector: &Selector, window: &str) -> String {
    let rate = format!("(rate({}[{window}]))", selector.of(metric));
    if by.is_empty() { format!("sum{rate}") } else { format!("sum by ({by}) {rate}") }
}

/// How long this share of what was timed took at most, for each of these labels.
pub(super) fn quantile(
    share: &str,
    by: &str,
    histogram: &str,
    selector: &Selector,
    window: &str,
) -> String {
    let by = if by.is_empty() { "le".to_owned() } else { format!("{by}, le") };
    let rates = rate(&by, &format!("{histogram}_bucket"), selector, window);
    format!("histogram_quantile({share}, {rates})")
}
