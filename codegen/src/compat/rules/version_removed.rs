//! A version is gone that nothing replaces.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T802",
        name: "version-removed",
        level: Level::Error,
        configurable: true,
        explanation: "Events of that version are in the stream, and services that publish or consume it no longer build. A minor version may go once there is a newer one of the same major.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::HISTORY,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (id, old) in &before.events {
        let Some(new) = after.events.get(id) else { continue };
        for version in old.versions.keys().filter(|version| !new.versions.contains_key(version)) {
            let has_successor =
                new.versions.keys().any(|other| other.major == version.major && other > version);
            if !has_successor {
                let (part, at) = (Part::Event(id.clone()), version.to_string());
                changes.breaks(&RULE, part, &at, format!("version {version} is gone"));
            }
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
  2.0: { payload: { type: object } }
"#;

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  2.0: { payload: { type: object } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.1: { payload: { type: object } }
  2.0: { payload: { type: object } }
"#;
