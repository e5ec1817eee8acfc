//! Filters that the server refuses together.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;
use crate::subject::overlap;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T413",
        name: "filter-overlap",
        level: Level::Error,
        configurable: false,
        explanation: "JetStream refuses a consumer whose filters match the same subject (10138).",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let filters = &subscription.filters;
        let pairs = filters
            .iter()
            .enumerate()
            .flat_map(|(at, a)| filters[..at].iter().map(move |b| (a, b)));
        if let Some((a, b)) = pairs.into_iter().find(|(a, b)| overlap(a, b)) {
            findings.push(
                RULE.code
                    .at(
                        subscription.span,
                        format!("`{}` filters `{b}` and `{a}`, which overlap", subscription.name),
                    )
                    .help("name the events one by one, or use one pattern that covers both"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/audit.yaml
service: audit
subscriptions: { log: { events: ["orders.*.created", orders.order.*] } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# services/audit.yaml
service: audit
subscriptions: { log: { events: [orders.>, orders.order.created] } }
"#;
