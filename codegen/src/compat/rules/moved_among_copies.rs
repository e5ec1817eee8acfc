//! A subscription takes another version of an event while several are published.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::subscriptions;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::{Event, Snapshot, Subscription};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T820",
        name: "moved-among-copies",
        level: Level::Warn,
        configurable: true,
        explanation: "Each instance of a subscription takes one of the versions in which a fact is published, and lets go of the others. In a rolling update the old instances may be handed what the new ones take, and the new ones what the old ones take: then nobody handles the fact. Stop the old instances before the new ones start, or move the subscription while one version alone is published.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::BOTH,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (service, name, old, new) in subscriptions(before, after) {
        for (id, event) in &before.events {
            let Some(now) = after.events.get(id) else { continue };
            let moved = facts(event).chain(facts(now)).find_map(|copies| {
                let (from, to) = (taken(old, id, &copies)?, taken(new, id, &copies)?);
                (from != to).then_some((from, to))
            });
            if let Some((from, to)) = moved {
                let text = format!(
                    "`{name}` takes version {to} of `{id}` instead of {from} while both are published: stop its old instances before the new ones start"
                );
                let part = Part::Subscription(service.to_owned(), name.to_owned());
                changes.breaks(&RULE, part, "events", text);
            }
        }
    }
}

/// The major versions in which one fact is published, for each in which services publish it.
fn facts(event: &Event) -> impl Iterator<Item = Vec<u16>> {
    let copy = |major: &u16| event.copies.get(major).copied();
    event.copies.keys().map(move |major| std::iter::successors(Some(*major), copy).collect())
}

/// The one of a fact's versions that a subscription takes: its own, or the newest that can be brought to one.
fn taken(subscription: &Subscription, event: &str, copies: &[u16]) -> Option<u16> {
    let majors = subscription.events.keys().filter_map(|taken| {
        let (id, major) = taken.split_once('@')?;
        (id == event).then(|| major.parse().ok()).flatten()
    });
    let majors: Vec<u16> = majors.collect();
    let newest = |fits: &dyn Fn(u16) -> bool| copies.iter().copied().filter(|one| fits(*one)).max();
    newest(&|copy| majors.contains(&copy))
        .or_else(|| newest(&|copy| majors.iter().any(|major| copy < *major)))
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
  2.0: { upcast: { from: 1.0 }, also_publish: { version: 1 }, payload: { type: object } }
# services/billing.yaml
service: billing
publishes: [orders.order.created@2]
subscriptions:
  invoicing: { events: [orders.order.created@1] }
"#;

const FAILING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created@2]
subscriptions:
  invoicing: { events: [orders.order.created@2] }
"#;

const PASSING: &str = r#"
# services/billing.yaml
service: billing
publishes: [orders.order.created@2]
subscriptions:
  invoicing: { events: [orders.order.created@1] }
  audit: { events: [orders.order.created@2] }
"#;
