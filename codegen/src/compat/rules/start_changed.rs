//! Where a subscription begins is changed after it began.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::subscriptions;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T813",
        name: "start-changed",
        level: Level::Warn,
        configurable: true,
        explanation: "`start` counts when the durable is made. One that exists stays where it is, so this holds for new installations alone, which then differ from the others.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (service, name, old, new) in subscriptions(before, after) {
        if old.start != new.start {
            let text = format!("`start` of `{name}` was `{}` and is `{}`", old.start, new.start);
            let part = Part::Subscription(service.to_owned(), name.to_owned());
            changes.breaks(&RULE, part, "start", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created] }
"#;

const FAILING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], start: new }
"#;

const PASSING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], start: all }
"#;
