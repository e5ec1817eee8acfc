//! Versions without an example.

use crate::codes::Code;
use crate::diagnostic::Severity;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T503",
        name: "no-example",
        severity: Severity::Warning,
        explanation: "Examples show readers what the event looks like, and the generated tests decode them. The newest minor of each major version has one.",
    },
    scope: Scope::Part,
    check,
    #[cfg(test)]
    failing: FAILING,
    #[cfg(test)]
    passing: PASSING,
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

#[cfg(test)]
const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
"#;

#[cfg(test)]
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
