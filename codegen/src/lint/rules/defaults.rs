//! Defaults that their schema refuses.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::conformance::Checker;
use crate::lint::{Findings, Rule, Scope};
use crate::model::{self, Catalog, Schema};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T505",
        name: "default-mismatch",
        level: Level::Error,
        configurable: false,
        explanation: "`default` is a value that its own schema accepts.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let checker = Checker::new(model::Scope::shared(catalog), "the default", findings.gaps());
    for shared in catalog.types.values() {
        visit(&checker, &shared.schema, findings);
    }
    for version in catalog.events.values().flat_map(|event| event.versions.values()) {
        let checker =
            Checker::new(model::Scope::version(catalog, version), "the default", findings.gaps());
        visit(&checker, &version.payload, findings);
        for local in &version.definitions {
            visit(&checker, &local.schema, findings);
        }
    }
}

fn visit(checker: &Checker<'_>, schema: &Schema, findings: &mut Findings<'_>) {
    if let Some(default) = &schema.default {
        for mismatch in checker.check(default, schema) {
            let mut finding = RULE.code.at(schema.span, mismatch.message);
            finding.help.extend(mismatch.help);
            findings.push(finding);
        }
    }
    for inner in schema.inner() {
        visit(checker, inner, findings);
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { count: { type: integer, default: many } } } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { count: { type: integer, default: 1 } } } } }
"#;
