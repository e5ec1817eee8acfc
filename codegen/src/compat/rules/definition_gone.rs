//! A type within a payload has another Rust name, or is gone.

use serde_json::Value;

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T703",
        name: "definition-gone",
        level: Level::Warn,
        configurable: true,
        explanation: "Code that names the generated type has to be changed. What is on the wire stays the same.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Source,
    hurts: Hurts::NOBODY,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (id, old) in &before.events {
        let Some(new) = after.events.get(id) else { continue };
        for (version, old) in &old.versions {
            let Some(new) = new.versions.get(version) else { continue };
            for name in definitions(old) {
                if !definitions(new).any(|other| other == name) {
                    let text = format!("there is no Rust type `{name}` any more");
                    changes.breaks(&RULE, Part::Version(id.clone(), *version), "", text);
                }
            }
        }
    }
}

fn definitions(schema: &Value) -> impl Iterator<Item = &str> {
    schema
        .get("$defs")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { total: { $ref: ../types/money.yaml } } } } }
# types/money.yaml
type: object
properties: { cents: { type: integer } }
"#;

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { total: { $ref: ../types/price.yaml } } } } }
# types/money.yaml
# types/price.yaml
type: object
properties: { cents: { type: integer } }
"#;

const PASSING: &str = r#"
# types/money.yaml
type: object
description: A price.
properties: { cents: { type: integer } }
"#;
