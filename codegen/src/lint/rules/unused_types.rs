//! Shared types that no event uses.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Schema, Shape, TypeRef};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T112",
        name: "unused-type",
        level: Level::Warn,
        configurable: true,
        explanation: "No payload refers to the shared type, directly or through another one.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut used = BTreeSet::new();
    for version in catalog.events.values().flat_map(|event| event.versions.values()) {
        follow(catalog, &version.payload, &mut used);
        for local in &version.definitions {
            follow(catalog, &local.schema, &mut used);
        }
    }
    for (name, shared) in &catalog.types {
        if !used.contains(name.as_str()) {
            findings.push(
                RULE.code
                    .at(shared.span, format!("no event refers to the shared type `{name}`"))
                    .help("remove it, or refer to it with `$ref`"),
            );
        }
    }
}

fn follow<'c>(catalog: &'c Catalog, schema: &'c Schema, used: &mut BTreeSet<&'c str>) {
    if let Shape::Ref(TypeRef::Shared(name)) = &schema.shape
        && let Some(shared) = catalog.types.get(name)
        && used.insert(name)
    {
        follow(catalog, &shared.schema, used);
    }
    for inner in schema.inner() {
        follow(catalog, inner, used);
    }
}

const FAILING: &str = r#"
# types/money.yaml
type: object
properties: { amount: { type: integer } }
"#;

const PASSING: &str = r#"
# types/money.yaml
type: object
properties: { currency: { $ref: currency.yaml } }
# types/currency.yaml
type: string
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: object, properties: { totals: { type: array, items: { $ref: ../types/money.yaml } } } }
"#;
