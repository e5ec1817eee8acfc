//! Versions without an example.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T503",
        name: "no-example",
        level: Level::Warn,
        configurable: true,
        explanation: "Examples show readers what the event looks like, and the generated tests decode them. The newest minor of each major version has one.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values() {
        for version in event.majors().values().filter(|version| version.examples.is_empty()) {
            findings.push(
                RULE.code
                    .at(
                        version.span,
                        format!("version {} of `{}` has no example", version.id, event.id),
                    )
                    .help("write a payload under `examples`"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload:
      type: object
      required: [lines]
      properties:
        lines: { type: array, items: { type: object, properties: { quantity: { type: integer, minimum: 1 } } } }
    examples: [{ lines: [{ quantity: 2 }] }]
"#;
