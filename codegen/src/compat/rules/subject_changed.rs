//! An event is published elsewhere.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::filter;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T803",
        name: "subject-changed",
        level: Level::Error,
        configurable: true,
        explanation: "Consumers that run already do not see what is published under the new subject, and stored events keep the old one. A parameter that is added is a token more, so it is another subject too. Add an event of another name instead.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::BOTH,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (id, old) in &before.events {
        let Some(new) = after.events.get(id) else { continue };
        if filter(&old.subject) != filter(&new.subject) {
            let text = format!("the subject was `{}` and is `{}`", old.subject, new.subject);
            changes.breaks(&RULE, Part::Event(id.clone()), "subject", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
subject: orders.{region}.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
subject: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;
