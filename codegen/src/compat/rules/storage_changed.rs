//! A stream is stored otherwise.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::limits;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T808",
        name: "storage-changed",
        level: Level::Error,
        configurable: true,
        explanation: "The server refuses to change the storage of a stream: it has to be made anew, without what it holds.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::HISTORY,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (name, environment, old, new) in limits(before, after) {
        if old.storage != new.storage {
            let text = format!(
                "the storage of `{name}` was {} and is {}{environment}",
                old.storage, new.storage
            );
            changes.breaks(&RULE, Part::Stream(name.to_owned()), "storage", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# orders/domain.yaml
domain: orders
stream: { storage: file }
"#;

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { storage: memory }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { storage: file, max_age: 30d }
"#;
