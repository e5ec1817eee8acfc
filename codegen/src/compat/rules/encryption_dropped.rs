//! A value is not encrypted any more.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::encrypted;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T830",
        name: "encryption-dropped",
        level: Level::Error,
        configurable: true,
        explanation: "New events hold the value in the plain. Whoever reads the stream reads it, and deleting an organization's keys erases it no more.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Wire,
    hurts: Hurts::NOBODY,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (event, version, old, new, schema) in encrypted(before, after) {
        for place in old.keys().filter(|place| !new.contains_key(*place)) {
            // What is gone altogether is told by others.
            if may_hold(schema, place) {
                let text = format!("`{place}` was encrypted, and is not any more");
                let part = Part::Version(event.to_owned(), version);
                changes.breaks(&RULE, part, place, text);
            }
        }
    }
}

/// Whether a payload of this schema may have a value there.
fn may_hold(schema: &serde_json::Value, place: &str) -> bool {
    let mut at = schema;
    for segment in tidings_payload::convert::segments(place) {
        let next = match segment.as_str() {
            "*" => at.get("items").or_else(|| at.get("additionalProperties")),
            name => match at.get("properties") {
                Some(properties) if at.get("$ref").is_none() && at.get("oneOf").is_none() => {
                    match properties.get(name) {
                        None => return false,
                        known => known,
                    }
                }
                _ => None,
            },
        };
        // Behind references and alternatives it may be.
        let Some(next) = next else { return true };
        at = next;
    }
    true
}

const RELEASED: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: organization_id, required: true }
# orders/created.yaml
event: orders.order.created
personal_data: { encrypt: [direct, sensitive] }
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, email: { type: string, x-pii: direct }, card: { type: string, x-pii: sensitive } }, required: [id, email] } } }
"#;

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
personal_data: { encrypt: [direct] }
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, email: { type: string, x-pii: direct }, card: { type: string, x-pii: sensitive } }, required: [id, email] } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
summary: An order was accepted.
personal_data: { encrypt: [sensitive, direct] }
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, email: { type: string, x-pii: direct }, card: { type: string, x-pii: sensitive } }, required: [id, email] } } }
"#;
