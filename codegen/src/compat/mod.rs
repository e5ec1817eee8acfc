//! The compatibility law: what may not change in what was released.
//!
//! A [`Snapshot`] holds what others depend on of a catalog; [`compare`] lists what is different between two of them, each
//! change by the rule that it breaks; the judge says which of that an edited catalog may not do, and where.

mod acknowledge;
mod affected;
mod annotations;
mod change;
mod judge;
pub mod lock;
mod pairs;
mod places;
mod rule;
mod rules;
mod schema;
mod snapshot;

pub use change::{Change, Part};
pub(crate) use judge::judge;
pub use rule::{Hurts, Rule, Tier};
pub use rules::RULES;
pub use snapshot::Snapshot;

use serde_json::Value;

use change::Changes;
use rule::Check;

/// Everything that is different between two catalogs: payloads first, then what the other rules find, then what is new.
pub fn compare(before: &Snapshot, after: &Snapshot) -> Vec<Change> {
    let mut changes = Changes::default();
    for (id, old) in &before.events {
        let Some(new) = after.events.get(id) else { continue };
        for (version, old) in &old.versions {
            if let Some(new) = new.versions.get(version) {
                changes.0.extend(payloads(&Part::Version(id.clone(), *version), old, new));
            }
        }
    }
    for rule in RULES {
        if let Check::Catalogs(check) = rule.check {
            check(before, after, &mut changes);
        }
    }
    added(before, after, &mut changes);
    changes.0
}

/// Everything that is different between two payloads, as JSON Schemas of draft-07 or 2020-12.
pub fn payloads(part: &Part, before: &Value, after: &Value) -> Vec<Change> {
    let differences = schema::compare(before, after).into_iter();
    let change = |one: schema::Difference| Change {
        rule: one.rule,
        hurts: one.hurts,
        part: part.clone(),
        at: one.at,
        text: one.text,
    };
    differences.map(change).collect()
}

/// What is new, which hurts nobody.
fn added(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (id, event) in &after.events {
        let part = Part::Event(id.clone());
        let Some(old) = before.events.get(id) else {
            changes.note(part, "", format!("the event `{id}` is new"));
            continue;
        };
        for version in event.versions.keys().filter(|version| !old.versions.contains_key(version)) {
            changes.note(part.clone(), &version.to_string(), format!("version {version} is new"));
        }
    }
    for (name, service) in &after.services {
        let old = before.services.get(name);
        if old.is_none() {
            changes.note(Part::Service(name.clone()), "", format!("the service `{name}` is new"));
        }
        for event in service.publishes.keys() {
            if !old.is_some_and(|old| old.publishes.contains_key(event)) {
                let text = format!("`{name}` publishes `{event}`");
                changes.note(Part::Service(name.clone()), event, text);
            }
        }
        for (subscription, content) in &service.subscriptions {
            let held = old.and_then(|old| old.subscriptions.get(subscription));
            for event in content.events.keys() {
                if !held.is_some_and(|held| held.events.contains_key(event)) {
                    let part = Part::Subscription(name.clone(), subscription.clone());
                    changes.note(part, event, format!("`{name}` receives `{event}`"));
                }
            }
        }
    }
    for name in after.streams.keys().filter(|name| !before.streams.contains_key(*name)) {
        changes.note(Part::Stream(name.clone()), "", format!("the stream `{name}` is new"));
    }
}
