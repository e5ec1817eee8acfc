//! Dead letters go elsewhere.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T815",
        name: "dead-letters-moved",
        level: Level::Warn,
        configurable: true,
        explanation: "Dead letters that are stored already stay where they are, and whoever watches the old place sees no new ones.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    let (old, new) = (&before.dead_letters, &after.dead_letters);
    if old != new {
        let text = format!(
            "dead letters went to `{}` under `{}` and go to `{}` under `{}`",
            old.stream, old.subject, new.stream, new.subject
        );
        changes.breaks(&RULE, Part::Catalog, "dead_letters", text);
    }
}

const RELEASED: &str = r#"
# catalog.yaml
catalog: shop
dead_letters: { subject: dlq }
"#;

const FAILING: &str = r#"
# catalog.yaml
catalog: shop
dead_letters: { subject: failed }
"#;

const PASSING: &str = r#"
# catalog.yaml
catalog: shop
dead_letters: { subject: dlq, max_age: 90d }
"#;
