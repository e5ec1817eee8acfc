//! What two catalogs both have, side by side.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::snapshot::{Event, Limits, Snapshot, Subscription};
use crate::facts;
use crate::model::VersionId;

/// The limits of each stream that both have, by environment where either says something of its own there; with the
/// words that name the environment.
pub(super) fn limits<'a>(
    before: &'a Snapshot,
    after: &'a Snapshot,
) -> Vec<(&'a str, String, &'a Limits, &'a Limits)> {
    let mut pairs = Vec::new();
    for (name, old) in &before.streams {
        let Some(new) = after.streams.get(name) else { continue };
        pairs.push((name.as_str(), String::new(), &old.limits, &new.limits));
        let mut environments: Vec<&String> =
            old.environments.keys().chain(new.environments.keys()).collect();
        environments.sort();
        environments.dedup();
        for environment in environments {
            let held = old.environments.get(environment).unwrap_or(&old.limits);
            let holds = new.environments.get(environment).unwrap_or(&new.limits);
            // What changed everywhere is said once.
            if (held, holds) != (&old.limits, &new.limits) {
                pairs.push((name, format!(" in `{environment}`"), held, holds));
            }
        }
    }
    pairs
}

/// A version of an event that both have: the event, the version, the encrypted places of both, and the newer schema.
type Encrypted<'a> = (&'a str, VersionId, &'a Places, &'a Places, &'a Value);
type Places = BTreeMap<String, String>;

/// What is encrypted of each version that both have.
pub(super) fn encrypted<'a>(
    before: &'a Snapshot,
    after: &'a Snapshot,
) -> impl Iterator<Item = Encrypted<'a>> {
    static NONE: Places = Places::new();
    before.events.iter().flat_map(|(id, old)| {
        let new = after.events.get(id);
        old.versions.keys().filter_map(move |version| {
            let schema = new?.versions.get(version)?;
            let places = |event: &'a Event| event.encrypted.get(version).unwrap_or(&NONE);
            Some((id.as_str(), *version, places(old), places(new?), schema))
        })
    })
}

/// Each subscription that both have, with its service.
pub(super) fn subscriptions<'a>(
    before: &'a Snapshot,
    after: &'a Snapshot,
) -> impl Iterator<Item = (&'a str, &'a str, &'a Subscription, &'a Subscription)> {
    before.services.iter().flat_map(|(service, old)| {
        let new = after.services.get(service);
        old.subscriptions.iter().filter_map(move |(name, old)| {
            let new = new?.subscriptions.get(name)?;
            Some((service.as_str(), name.as_str(), old, new))
        })
    })
}

/// The subscription that took the place of one that is gone: a new one that receives some of its events.
pub(super) fn successor<'a>(
    gone: &str,
    before: &BTreeMap<String, Subscription>,
    after: &'a BTreeMap<String, Subscription>,
) -> Option<&'a str> {
    let events = &before.get(gone)?.events;
    let mut new = after.iter().filter(|(name, _)| !before.contains_key(*name));
    let (name, _) =
        new.find(|(_, other)| other.events.keys().any(|event| events.contains_key(event)))?;
    Some(name)
}

/// A subject with `*` in the place of its parameters.
pub(super) fn filter(template: &str) -> String {
    let tokens = template.split('.');
    let tokens = tokens.map(|token| if token.starts_with('{') { "*" } else { token });
    tokens.collect::<Vec<_>>().join(".")
}

/// A limit of time in words.
pub(super) fn age(milliseconds: Option<u64>) -> String {
    let words = |ms| facts::duration(Duration::from_millis(ms));
    milliseconds.map_or_else(|| "unlimited".to_owned(), words)
}

/// A limit of size in words.
pub(super) fn bytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unlimited".to_owned(), facts::size)
}
