//! The row of one service: what it publishes, and what becomes of what it subscribes to.

use super::at_most;
use super::layout::Row;
use super::overview::{WINDOW, durations};
use super::panel::{Panel, unit};
use crate::emit::operations::alerts;
use crate::emit::operations::metrics::{
    BREAKER, CONSUMED, DEAD_LETTERS, HANDLER_DURATION, HANDLER_ERRORS, IN_FLIGHT, LAG,
    PUBLISH_DURATION, PUBLISHED, Selector, measured, quantile, rate,
};
use crate::model::{Catalog, Service, Subscription};

/// None for a service that neither publishes nor subscribes.
pub(super) fn row(catalog: &Catalog, service: &Service) -> Option<Row> {
    let mut panels = Vec::new();
    if !service.publishes.is_empty() {
        panels.extend(publishing(catalog, service));
    }
    if !service.subscriptions.is_empty() {
        panels.extend(consuming(service));
    }
    let title = match &service.owner {
        Some(owner) => format!("{} ({owner})", service.name),
        None => service.name.clone(),
    };
    (!panels.is_empty()).then(|| Row::closed(&title, panels))
}

fn publishing(catalog: &Catalog, service: &Service) -> Vec<Panel> {
    let own = Selector::service(&service.name);
    // An older version of an event is published as the same event.
    let events = catalog
        .events
        .keys()
        .filter(|id| service.publishes.iter().any(|sent| sent.event == **id))
        .count();
    vec![
        Panel::lines("Published, by event", unit::EVENTS_A_SECOND)
            .wide(8)
            .ask(at_most(events, rate("event_type", PUBLISHED, &own, WINDOW)), "{{event_type}}"),
        Panel::shares("Published, by what came of it")
            .wide(8)
            .about("`stored` and `duplicate` are well; `conflict` is the answer to an expected sequence.")
            .ask(rate("status", PUBLISHED, &own, WINDOW), "{{status}}")
            .alert(alerts::PUBLISHES),
        durations("Publishing, how long", PUBLISH_DURATION, &own)
            .wide(8)
            .about("From the call to the outcome, retries included."),
    ]
}

fn consuming(service: &Service) -> Vec<Panel> {
    let own = Selector::service(&service.name);
    let by = "subscription";
    let name = "{{subscription}}";
    let subscriptions = service.subscriptions.len();
    let all = || service.subscriptions.values();
    let pairs: usize = all().map(|subscription| subscription.events.len()).sum();
    let each = |metric| at_most(subscriptions, measured(by, metric, &own));
    let lag = one_for_all(service, |subscription| subscription.alerts.lag.map(f64::from));
    let p95 = one_for_all(service, |subscription| {
        subscription.alerts.handler_p95.map(|limit| limit.as_secs_f64())
    });
    let handled = own.and("status=\"handled\"");
    let outcomes = rate("subscription, status", CONSUMED, &own, WINDOW);
    let failures = rate("subscription, kind", HANDLER_ERRORS, &own, WINDOW);
    vec![
        Panel::lines("Waiting", unit::EVENTS)
            .about("Events that were not handed out yet.")
            .ask(each(LAG), name)
            .warn_from(lag)
            .alert(alerts::LAGGING)
            .alert(alerts::STALLED)
            .alert(alerts::UNREPORTED),
        Panel::lines("In hand", unit::EVENTS)
            .about("Events that were handed out and are not settled.")
            .ask(each(IN_FLIGHT), name),
        Panel::lines("Handled, by event", unit::EVENTS_A_SECOND).ask(
            at_most(pairs, rate("subscription, event_type", CONSUMED, &handled, WINDOW)),
            "{{subscription}}: {{event_type}}",
        ),
        Panel::lines("Settled, by what came of it", unit::EVENTS_A_SECOND)
            .about("Deliveries that were answered: handled, tried again later, or given up.")
            .ask(at_most(OUTCOMES * subscriptions, outcomes), "{{subscription}}: {{status}}"),
        durations("Handlers, how long", HANDLER_DURATION, &own).about("Each attempt by itself."),
        Panel::lines("Handlers, slowest twentieth", unit::SECONDS)
            .about("One attempt of twenty takes longer.")
            .ask(at_most(subscriptions, quantile("0.95", by, HANDLER_DURATION, &own, WINDOW)), name)
            .warn_from(p95)
            .alert(alerts::SLOW),
        Panel::lines("Failures", unit::EVENTS_A_SECOND)
            .about("Attempts of handlers that failed, each second.")
            .ask(at_most(KINDS * subscriptions, failures), "{{subscription}}: {{kind}}"),
        Panel::lines("Dead letters", unit::EVENTS)
            .about("Events that were given up, and are kept.")
            .ask(each(DEAD_LETTERS), name)
            .warn_from(Some(1.0))
            .alert(alerts::DEAD_LETTERS)
            .alert(alerts::FORGOTTEN),
        Panel::states("Breakers")
            .wide(24)
            .about("Of the instance that fares worst.")
            .ask(each(BREAKER), name)
            .alert(alerts::BREAKER),
    ]
}

/// What usually comes of deliveries: handled, retried.
const OUTCOMES: usize = 2;

/// As many kinds of failures are there.
const KINDS: usize = 5;

/// The limit of all subscriptions; none where they differ.
fn one_for_all(service: &Service, limit: impl Fn(&Subscription) -> Option<f64>) -> Option<f64> {
    let mut limits = service.subscriptions.values().filter_map(limit);
    let first = limits.next()?;
    limits.all(|other| other == first).then_some(first)
}
