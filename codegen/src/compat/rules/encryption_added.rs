//! A value that was plain is encrypted.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::encrypted;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T831",
        name: "encryption-added",
        level: Level::Warn,
        configurable: true,
        explanation: "Readers that have no keys cannot read new events, which wait among their dead letters: give all of them keys before a publisher is deployed. What is stored stays as it is, and is not erased with the keys.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Wire,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (event, version, old, new, _) in encrypted(before, after) {
        for place in new.keys().filter(|place| !old.contains_key(*place)) {
            let text = format!("`{place}` is encrypted now");
            changes.breaks(&RULE, Part::Version(event.to_owned(), version), place, text);
        }
    }
}

const RELEASED: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: organization_id, required: true }
# orders/created.yaml
event: orders.order.created
personal_data: { encrypt: [direct] }
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, email: { type: string, x-pii: direct }, card: { type: string, x-pii: sensitive } }, required: [id, email] } } }
"#;

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
personal_data: { encrypt: [direct, sensitive] }
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, email: { type: string, x-pii: direct }, card: { type: string, x-pii: sensitive } }, required: [id, email] } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
summary: An order was accepted.
personal_data: { encrypt: [direct] }
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, email: { type: string, x-pii: direct }, card: { type: string, x-pii: sensitive } }, required: [id, email] } } }
"#;
