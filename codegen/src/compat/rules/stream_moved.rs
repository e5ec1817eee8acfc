//! The events of a domain are stored in another stream.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T805",
        name: "stream-moved",
        level: Level::Error,
        configurable: true,
        explanation: "Consumers that run already go on reading the old stream, where nothing new arrives; new ones do not see what is stored there. Keep the stream's name.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::BOTH,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (name, old) in &before.domains {
        if let Some(new) = after.domains.get(name).filter(|new| *new != old) {
            let text = format!("the stream of `{name}` was `{old}` and is `{new}`");
            changes.breaks(&RULE, Part::Domain(name.clone()), "stream", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { name: ORDERS }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { name: ORDERS_EVENTS }
"#;
