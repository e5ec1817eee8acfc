//! Keys that the payload does not have.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::property::scalar_property;
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Shape};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T309",
        name: "key-property",
        level: Level::Error,
        configurable: false,
        explanation: "`key` names a property that every version requires and that has one plain value, so that every event has a place in its order.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values() {
        let Some(key) = &event.key else { continue };
        // The id of its aggregate, which stands in its subject.
        if event.places.get("key").is_none() {
            continue;
        }
        for version in event.versions.values() {
            let problem = scalar_property(catalog, version, key, findings, |shape| {
                matches!(shape, Shape::Integer(_) | Shape::Enum(_) | Shape::String(_))
            });
            if let Some(problem) = problem {
                let span = event.places.get("key").unwrap_or(event.span);
                findings.push(
                    RULE.code
                        .at(span, format!("the key `{key}` {}", problem.message))
                        .and(problem.span, problem.label)
                        .help(problem.help),
                );
                break;
            }
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: id
versions: { 1.0: { payload: { type: object, required: [order_id], properties: { order_id: { type: string } } } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: order_id
versions: { 1.0: { payload: { type: object, required: [order_id], properties: { order_id: { type: string } } } } }
"#;
