//! Events that share a subject.

use std::collections::BTreeMap;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Event};
use crate::subject::overlap;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T305",
        name: "event-overlap",
        level: Level::Error,
        configurable: false,
        explanation: "Two events can have the same subject: who subscribes to one of them would receive the other.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut plain: BTreeMap<String, &Event> = BTreeMap::new();
    let mut wild: Vec<(String, &Event)> = Vec::new();
    for event in catalog.events.values() {
        let overlapping = event.filters().find_map(|filter| {
            // Subjects without wildcards overlap where they are equal.
            let other = if filter.contains('*') {
                let with_plain = plain.iter().find(|(other, _)| overlap(other, &filter));
                with_plain.map(|(_, other)| *other)
            } else {
                plain.get(&filter).copied()
            };
            let with_wild = || wild.iter().find(|(other, _)| overlap(other, &filter));
            other.or_else(|| with_wild().map(|(_, other)| *other))
        });
        if let Some(other) = overlapping {
            report(event, other, findings);
        }
        for filter in event.filters() {
            if filter.contains('*') {
                wild.push((filter, event));
            } else {
                plain.insert(filter, event);
            }
        }
    }
}

fn report(later: &Event, earlier: &Event, findings: &mut Findings<'_>) {
    findings.push(
        RULE.code
            .at(later.subject.span, format!("`{}` and `{}` share a subject", later.id, earlier.id))
            .and(earlier.subject.span, format!("`{}`", earlier.subject.template()))
            .help("let the subjects differ in a token that is no parameter"),
    );
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# orders/changed.yaml
event: orders.order.changed
subject: orders.order.{action}
versions: { 1.0: { payload: { type: object, required: [action], properties: { action: { type: string } } } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# orders/changed.yaml
event: orders.order.changed
versions: { 1.0: { payload: { type: object } } }
"#;
