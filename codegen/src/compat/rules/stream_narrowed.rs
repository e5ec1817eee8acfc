//! A stream captures less.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;
use crate::subject;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T806",
        name: "stream-narrowed",
        level: Level::Error,
        configurable: true,
        explanation: "Services built before the change publish to subjects that no stream stores any more: they get no answer.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::BOTH,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    // Where dead letters go has a rule of its own.
    let streams = before.streams.iter().filter(|(name, _)| **name != before.dead_letters.stream);
    for (name, old) in streams {
        let Some(new) = after.streams.get(name) else { continue };
        let is_lost =
            |subject: &&String| !new.subjects.iter().any(|wider| subject::covers(wider, subject));
        for subject in old.subjects.iter().filter(is_lost) {
            let text = format!("the stream `{name}` does not capture `{subject}` any more");
            changes.breaks(&RULE, Part::Stream(name.clone()), "subjects", text);
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
stream: { subjects: [orders.order.*] }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { subjects: [orders.>] }
"#;
