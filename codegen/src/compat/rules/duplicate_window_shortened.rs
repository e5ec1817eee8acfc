//! A stream remembers message ids for less long.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::{age, limits};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T809",
        name: "duplicate-window-shortened",
        level: Level::Warn,
        configurable: true,
        explanation: "A publisher that repeats an event after the window stores it twice. Services that retry for longer, among them those that run already, count on the old window.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::HISTORY,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (name, environment, old, new) in limits(before, after) {
        if new.duplicate_window_ms < old.duplicate_window_ms {
            let (was, is) =
                (age(Some(old.duplicate_window_ms)), age(Some(new.duplicate_window_ms)));
            let text = format!("`duplicate_window` of `{name}` was {was} and is {is}{environment}");
            changes.breaks(&RULE, Part::Stream(name.to_owned()), "duplicate_window", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# orders/domain.yaml
domain: orders
stream: { duplicate_window: 10m }
"#;

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { duplicate_window: 2m }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { duplicate_window: 20m }
"#;
