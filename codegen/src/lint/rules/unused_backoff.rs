//! Delays that no attempt waits for.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T415",
        name: "unused-backoff",
        level: Level::Warn,
        configurable: true,
        explanation: "`attempts` counts every delivery, the first included, and `backoff` gives the delay before each further one: with more delays than further attempts, the last ones are never used.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let places = &subscription.places;
        let Some(backoff) = places.get("backoff") else { continue };
        let attempts = places.get("attempts");
        // A service that lowers the attempts of the catalog's defaults means just that.
        if attempts.is_some_and(|attempts| attempts.file != backoff.file) {
            continue;
        }
        let (tries, delays) =
            (subscription.retry.attempts as usize, subscription.retry.backoff.len());
        if delays < tries {
            continue;
        }
        let message = format!("{delays} delays, and {} further attempts", tries - 1);
        let finding = RULE.code.at(backoff, message);
        let finding = match attempts {
            Some(place) => finding.and(place, "the first attempt included"),
            None => finding,
        };
        findings.push(
            finding
                .help(format!("write `attempts: {}`, or leave out what is too much", delays + 1)),
        );
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], retry: { backoff: [1s, 5s, 30s, 2m, 10m] } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created], retry: { attempts: 4, backoff: [1s, 5s, 30s] } }
"#;
