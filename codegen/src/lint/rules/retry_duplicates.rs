//! Retries that outlive the memory for duplicates.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T407",
        name: "retry-duplicates",
        level: Level::Warn,
        configurable: true,
        explanation: "A handler that published and then failed publishes again when it is retried. The stream recognises the second copy only within its duplicate window.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for service in catalog.services.values() {
        let streams = service.publishes.iter().filter_map(|published| {
            let domain = &catalog.events.get(&published.event)?.domain;
            let stream = catalog.streams.get(&catalog.domains.get(domain)?.stream)?;
            Some((stream, published))
        });
        let windows = streams.flat_map(|(stream, published)| {
            stream.everywhere().map(move |held| (held.limits.duplicate_window, held, published))
        });
        let Some((window, held, published)) = windows.min_by_key(|(window, ..)| *window) else {
            continue;
        };
        let stream = held.stream;
        for subscription in service.subscriptions.values() {
            let horizon = subscription.retry.horizon();
            if horizon <= window {
                continue;
            }
            let places = &subscription.places;
            let span =
                places.get("backoff").or(places.get("attempts")).unwrap_or(subscription.span);
            let message = format!(
                "`{}` may retry for {}, longer than `{}` remembers ids{} ({})",
                subscription.name,
                in_words(horizon),
                stream.name,
                held.suffix(),
                in_words(window)
            );
            let finding = RULE
                .code
                .at(span, message)
                .and(published.span, "published by the same service")
                .help(format!(
                    "retry for less long, or raise the `duplicate_window` of `{}`",
                    stream.name
                ));
            findings.push(match held.place("duplicate_window") {
                Some(place) => finding.and(place, "the stream's window"),
                None => finding,
            });
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], retry: { attempts: 5, backoff: [1m] } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], retry: { attempts: 5, backoff: [1s] } }
"#;
