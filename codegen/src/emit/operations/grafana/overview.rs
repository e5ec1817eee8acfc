//! The row for all services, or for those that a reader chose.

use super::layout::Row;
use super::panel::{Panel, unit};
use super::{LINES, at_most};
use crate::emit::operations::alerts::{self, OF_PROCESS};
use crate::emit::operations::metrics::{
    BREAKER, CONNECTED, CONSUMED, DEAD_LETTERS, HANDLER_DURATION, HANDLER_ERRORS, LAG, OUTBOX_DEAD,
    OUTBOX_OLDEST, OUTBOX_PENDING, PUBLISH_DURATION, PUBLISHED, PUBLISHER_BREAKER, Selector,
    measured, quantile, rate,
};
use crate::model::Catalog;

/// As long as Grafana holds right for the range that is shown.
pub(super) const WINDOW: &str = "$__rate_interval";

pub(super) fn row(catalog: &Catalog) -> Row {
    let mut panels = numbers(catalog);
    panels.extend(graphs(catalog));
    Row::open("All services", panels)
}

fn numbers(catalog: &Catalog) -> Vec<Panel> {
    let chosen = Selector::chosen();
    let each = "service, subscription";
    let failed = chosen.and("status=~\"rejected|unknown\"");
    let not_stored = format!(
        "{} / {}",
        rate("", PUBLISHED, &failed, WINDOW),
        rate("", PUBLISHED, &chosen, WINDOW)
    );
    let subscriptions = catalog.services.values().flat_map(|found| found.subscriptions.values());
    let least = subscriptions.filter_map(|subscription| subscription.alerts.lag).min();
    let paused = |by: &str, metric| format!("sum({} > bool 0)", measured(by, metric, &chosen));
    vec![
        Panel::number("Published", unit::EVENTS_A_SECOND)
            .about("Events that services publish, each second.")
            .ask(rate("", PUBLISHED, &chosen, WINDOW), ""),
        Panel::number("Handled", unit::EVENTS_A_SECOND)
            .about("Events that handlers are done with, each second, over all subscriptions.")
            .ask(rate("", CONSUMED, &chosen.and("status=\"handled\""), WINDOW), ""),
        Panel::number("Waiting", unit::EVENTS)
            .about("Events that were not handed out yet, over all subscriptions.")
            .ask(format!("sum({})", measured(each, LAG, &chosen)), "")
            .warn_from(least.map(f64::from))
            .alert(alerts::LAGGING),
        Panel::number("Dead letters", unit::EVENTS)
            .about("Events that were given up, and are kept.")
            .ask(format!("sum({})", measured(each, DEAD_LETTERS, &chosen)), "")
            .warn_from(Some(1.0))
            .alert(alerts::DEAD_LETTERS),
        Panel::number("Not stored", unit::SHARE)
            .about("Of what is published: refused, or without an answer.")
            .ask(not_stored, "")
            .bad_from(0.01)
            .alert(alerts::PUBLISHES),
        Panel::number("Paused", unit::EVENTS)
            .about("Breakers that are not closed.")
            .ask(paused(each, BREAKER), "subscriptions")
            .ask(paused("service", PUBLISHER_BREAKER), "publishers")
            .bad_from(1.0)
            .alert(alerts::BREAKER)
            .alert(alerts::PUBLISHER_BREAKER),
    ]
}

fn graphs(catalog: &Catalog) -> Vec<Panel> {
    let chosen = Selector::chosen();
    let each = "service, subscription";
    let name = "{{service}}/{{subscription}}";
    let services = catalog.services.len();
    let by_service = |metric| at_most(services, rate("service", metric, &chosen, WINDOW));
    let greatest = |metric| format!("topk({LINES}, {})", measured(each, metric, &chosen));
    vec![
        Panel::lines("Published, by service", unit::EVENTS_A_SECOND)
            .ask(by_service(PUBLISHED), "{{service}}"),
        Panel::shares("Published, by what came of it")
            .about("`stored` and `duplicate` are well; `conflict` is the answer to an expected sequence.")
            .ask(rate("status", PUBLISHED, &chosen, WINDOW), "{{status}}")
            .alert(alerts::PUBLISHES),
        Panel::lines("Settled, by service", unit::EVENTS_A_SECOND)
            .about("Deliveries that were answered: handled, tried again later, or given up.")
            .ask(by_service(CONSUMED), "{{service}}"),
        Panel::shares("Settled, by what came of it")
            .ask(rate("status", CONSUMED, &chosen, WINDOW), "{{status}}"),
        durations("Publishing, how long", PUBLISH_DURATION, &chosen)
            .about("From the call to the outcome, retries included."),
        durations("Handlers, how long", HANDLER_DURATION, &chosen)
            .about("Each attempt by itself."),
        Panel::lines("Waiting, where most", unit::EVENTS)
            .about("Events that were not handed out yet.")
            .ask(greatest(LAG), name)
            .alert(alerts::LAGGING),
        Panel::lines("Dead letters, where most", unit::EVENTS)
            .ask(greatest(DEAD_LETTERS), name)
            .alert(alerts::DEAD_LETTERS)
            .alert(alerts::FORGOTTEN),
        Panel::lines("Failures, by kind", unit::EVENTS_A_SECOND)
            .wide(24)
            .about("Attempts of handlers that failed, each second.")
            .ask(rate("kind", HANDLER_ERRORS, &chosen, WINDOW), "{{kind}}"),
        Panel::lines("Instances without the broker", unit::EVENTS)
            .wide(24)
            .about("Those whose connection is lost and being looked for.")
            .ask(format!("count by (service) ({} == 0)", chosen.of(CONNECTED)), "{{service}}"),
        Panel::lines("Outboxes, oldest event", unit::SECONDS)
            .about("How long the oldest event has waited to be published, of all services.")
            .ask(of_processes(OUTBOX_OLDEST), "{{job}} {{instance}}")
            .alert(alerts::OUTBOX_STUCK),
        Panel::lines("Outboxes, events", unit::EVENTS)
            .about("Those that wait to be published, and those that the server refused for good, of all services.")
            .ask(of_processes(OUTBOX_PENDING), "{{job}} {{instance}}: waiting")
            .ask(of_processes(OUTBOX_DEAD), "{{job}} {{instance}}: refused")
            .alert(alerts::OUTBOX_REFUSED),
        Panel::states("Paused subscriptions")
            .about("Those alone whose breaker is not closed.")
            .ask(format!("{} > 0", measured(each, BREAKER, &chosen)), name)
            .alert(alerts::BREAKER),
        Panel::states("Paused publishers")
            .about("Those alone whose breaker is not closed.")
            .ask(format!("{} > 0", measured("service", PUBLISHER_BREAKER, &chosen)), "{{service}}")
            .alert(alerts::PUBLISHER_BREAKER),
    ]
}

/// What a process has in its outbox; which service it is, it does not say.
fn of_processes(metric: &str) -> String {
    format!("topk({LINES}, max by ({OF_PROCESS}) ({metric}))")
}

/// The middle, the slowest twentieth, the slowest hundredth.
pub(super) fn durations(title: &'static str, histogram: &str, series: &Selector) -> Panel {
    let shares = [("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")];
    shares.into_iter().fold(Panel::lines(title, unit::SECONDS), |panel, (share, name)| {
        panel.ask(quantile(share, "", histogram, series, WINDOW), name)
    })
}
