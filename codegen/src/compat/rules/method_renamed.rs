//! A method of a publisher or a handler has another name.

use std::collections::BTreeMap;

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

type Methods = BTreeMap<String, String>;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T704",
        name: "method-renamed",
        level: Level::Warn,
        configurable: true,
        explanation: "The generated methods are called after the events, with the major version behind where a service has several. Code that calls or implements them has to be changed.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Source,
    hurts: Hurts::NOBODY,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    let mut compare = |part: Part, old: &Methods, new: &Methods| {
        for (event, method) in old {
            if let Some(new) = new.get(event).filter(|new| *new != method) {
                let text = format!("the method for `{event}` was `{method}` and is `{new}`");
                changes.breaks(&RULE, part.clone(), event, text);
            }
        }
    };
    for (name, old) in &before.services {
        let Some(new) = after.services.get(name) else { continue };
        compare(Part::Service(name.clone()), &old.publishes, &new.publishes);
        for (subscription, old) in &old.subscriptions {
            if let Some(new) = new.subscriptions.get(subscription) {
                let part = Part::Subscription(name.clone(), subscription.clone());
                compare(part, &old.events, &new.events);
            }
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
# orders/created.yaml
event: orders.order.created
name: OrderPlaced
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
summary: An order was accepted.
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
"#;
