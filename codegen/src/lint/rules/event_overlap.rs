//! Events that share a subject.

use crate::codes::Code;
use crate::diagnostic::Severity;
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Event};
use crate::subject::overlap;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T305",
        name: "event-overlap",
        severity: Severity::Error,
        explanation: "Two events can have the same subject: who subscribes to one of them would receive the other.",
    },
    scope: Scope::Part,
    check,
    #[cfg(test)]
    failing: FAILING,
    #[cfg(test)]
    passing: PASSING,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let events: Vec<(&Event, String)> =
        catalog.events.values().map(|event| (event, event.subject.filter())).collect();
    // Events without wildcards overlap only where they are equal, which sorting would find; there are few with.
    for (at, (later, a)) in events.iter().enumerate() {
        for (earlier, b) in &events[..at] {
            if overlap(a, b) {
                findings.push(
                    RULE.code
                        .at(later.subject.span, format!("`{}` and `{}` share a subject", later.id, earlier.id))
                        .and(earlier.subject.span, format!("`{}`", earlier.subject.template()))
                        .help("let the subjects differ in a token that is no parameter"),
                );
            }
        }
    }
}

#[cfg(test)]
const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# orders/changed.yaml
event: orders.order.changed
subject: orders.order.{action}
versions: { 1.0: { payload: { type: object, required: [action], properties: { action: { type: string } } } } }
"#;

#[cfg(test)]
const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# orders/changed.yaml
event: orders.order.changed
versions: { 1.0: { payload: { type: object } } }
"#;
