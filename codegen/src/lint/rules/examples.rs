//! Examples that their schema refuses.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::conformance::Checker;
use crate::lint::{Findings, Rule, Scope};
use crate::model::{self, Catalog, Example, Schema};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T504",
        name: "example-mismatch",
        level: Level::Error,
        configurable: false,
        explanation: "An example is a payload that its own schema accepts.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let shared = Checker::new(model::Scope::shared(catalog), "the example", findings.gaps());
    for shared_type in catalog.types.values() {
        within(&shared, &shared_type.schema, findings);
    }
    for version in catalog.events.values().flat_map(|event| event.versions.values()) {
        let scope = model::Scope::version(catalog, version);
        let checker = Checker::new(scope, "the example", findings.gaps());
        judge(&checker, &version.examples, &version.payload, findings);
        within(&checker, &version.payload, findings);
        for local in &version.definitions {
            within(&checker, &local.schema, findings);
        }
    }
}

/// Judges the `examples` of a schema and of all that stand in it.
fn within(checker: &Checker<'_>, schema: &Schema, findings: &mut Findings<'_>) {
    judge(checker, &schema.examples, schema, findings);
    for inner in schema.inner() {
        within(checker, inner, findings);
    }
}

fn judge(
    checker: &Checker<'_>,
    examples: &[Example],
    schema: &Schema,
    findings: &mut Findings<'_>,
) {
    for example in examples {
        for mismatch in checker.check(&example.value, schema) {
            let span = mismatch.place(&example.places).unwrap_or(example.span);
            let mut finding = RULE.code.at(span, mismatch.message);
            if let Some(schema) = mismatch.schema {
                finding = finding.and(schema, "the schema");
            }
            finding.help.extend(mismatch.help);
            findings.push(finding);
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload:
      type: object
      required: [lines]
      properties:
        lines: { type: array, items: { type: object, properties: { quantity: { type: integer, minimum: 1 } } } }
    examples: [{ lines: [{ quantity: 0 }] }]
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
    examples: [{ lines: [{ quantity: 1 }] }]
"#;
