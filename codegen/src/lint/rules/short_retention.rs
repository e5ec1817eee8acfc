//! Handled events that are forgotten before they can come no more.

use std::time::Duration;

use crate::codes::{Code, Fixtures, Level};
use crate::facts;
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Retention};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T421",
        name: "short-retention",
        level: Level::Warn,
        configurable: true,
        explanation: "An event that a subscription has handled can come again as long as its stream keeps it, and after that as long as a dead letter of it can be redriven. Where it is forgotten earlier that it was handled, it is handled again. Without `retention` it is known for as long as needed.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let written = subscription.places.get("idempotent/retention");
        let Some((Retention(Some(retention)), place)) = subscription.retention.zip(written) else {
            continue;
        };
        let horizon = catalog.horizon(subscription);
        if !subscription.idempotent || horizon.is_some_and(|horizon| retention >= horizon) {
            continue;
        }
        let needed = horizon.map_or_else(|| "unlimited".to_owned(), facts::duration);
        let kept = |stream: &str, what: &str| {
            let stream = catalog.streams.get(stream)?;
            // Where it is kept longest; a place that is written is worth more than a default.
            let longest = stream.everywhere().max_by_key(|held| {
                (held.limits.max_age.unwrap_or(Duration::MAX), held.place("max_age").is_some())
            })?;
            let age = longest.limits.max_age;
            let age = age.map_or_else(
                || "for ever".to_owned(),
                |age| format!("for {}", facts::duration(age)),
            );
            Some((longest.place("max_age")?, format!("{what} kept {age}{}", longest.suffix())))
        };
        let mut finding = RULE.code.at(
            place,
            format!(
                "`{}` forgets after {} that it has handled an event, which can come again {}",
                subscription.name,
                facts::duration(retention),
                horizon.map_or_else(
                    || "at any time".to_owned(),
                    |horizon| format!("for {}", facts::duration(horizon))
                ),
            ),
        );
        for (place, label) in [
            kept(&subscription.stream, "events are"),
            kept(&catalog.dead_letters.stream, "dead letters are"),
        ]
        .into_iter()
        .flatten()
        {
            finding = finding.and(place, label);
        }
        findings.push(finding.help(format!(
            "write `idempotent: true`, which knows it for as long as needed, or `retention: {needed}`"
        )));
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string } } } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], idempotent: { retention: 7d } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string } } } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], idempotent: { retention: 37d } }
"#;
