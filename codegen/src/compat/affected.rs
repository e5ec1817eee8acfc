//! Which services a change hurts.

use std::collections::BTreeSet;

use super::change::{Change, Part};
use super::rule::Tier;
use super::snapshot::Snapshot;

/// The services that have to do with what changed, before or after: `billing`, or `billing` (`invoicing`).
#[derive(Debug, Default)]
pub(super) struct Affected {
    pub(super) consumers: BTreeSet<String>,
    pub(super) publishers: BTreeSet<String>,
}

impl Affected {
    pub(super) fn by(change: &Change, before: &Snapshot, after: &Snapshot) -> Self {
        let mut affected = Self::default();
        for snapshot in [before, after] {
            affected.add(change, snapshot);
        }
        affected
    }

    fn add(&mut self, change: &Change, snapshot: &Snapshot) {
        match &change.part {
            Part::Catalog => {
                self.publishers.extend(snapshot.services.keys().map(|name| format!("`{name}`")));
            }
            Part::Domain(name) => {
                let prefix = format!("{name}.");
                let events = snapshot.events.keys().filter(|id| id.starts_with(&prefix));
                events.for_each(|id| self.add_event(id, None, snapshot));
            }
            Part::Stream(name) => {
                let domains = snapshot.domains.iter().filter(|(_, stream)| *stream == name);
                for (domain, _) in domains {
                    let part = Part::Domain(domain.clone());
                    self.add(&Change { part, ..change.clone() }, snapshot);
                }
            }
            Part::Event(id) => {
                let major = change.at.split('.').next().and_then(|major| major.parse().ok());
                self.add_event(id, major, snapshot);
            }
            Part::Version(id, version) => self.add_event(id, Some(version.major), snapshot),
            Part::Service(name) => {
                self.publishers.insert(format!("`{name}`"));
            }
            Part::Subscription(service, name) => {
                self.consumers.insert(format!("`{service}` (`{name}`)"));
            }
        }
    }

    /// Whoever has to do with an event, in one major version or in any.
    fn add_event(&mut self, id: &str, major: Option<u16>, snapshot: &Snapshot) {
        let Some(event) = snapshot.events.get(id) else { return };
        let majors: BTreeSet<u16> = event.versions.keys().map(|version| version.major).collect();
        for each in majors {
            // Whoever takes a newer version is handed the older one as that.
            if major.is_none_or(|major| major <= each) {
                let consumers = snapshot.consumers(id, each);
                let named = consumers.map(|(service, name)| format!("`{service}` (`{name}`)"));
                self.consumers.extend(named);
            }
            if major.is_none_or(|major| major == each) {
                let publishers = snapshot.publishers(id, each);
                self.publishers.extend(publishers.map(|name| format!("`{name}`")));
            }
        }
    }

    /// What a change does to them, in sentences without their full stops.
    pub(super) fn sentences(&self, change: &Change) -> Vec<String> {
        if change.rule.is_some_and(|rule| rule.tier != Tier::Wire) {
            let all = &self.consumers | &self.publishers;
            let sentence = format!("it concerns {}", list(&all, "nobody"));
            return if all.is_empty() { Vec::new() } else { vec![sentence] };
        }
        let consumers = list(&self.consumers, "nobody that the catalog knows");
        let publishers = list(&self.publishers, "nobody that the catalog knows");
        let mut sentences = Vec::new();
        if change.hurts.readers {
            sentences.push(format!(
                "it hurts readers built before it, when they meet new events: {consumers}"
            ));
        }
        if change.hurts.history {
            sentences.push(format!(
                "it hurts events written before it, stored or still sent by {publishers}, when they are read by {consumers}"
            ));
        }
        sentences
    }
}

/// More services than this are counted instead of named.
const MAX_NAMED: usize = 12;

fn list(names: &BTreeSet<String>, none: &str) -> String {
    let more = names.len().saturating_sub(MAX_NAMED);
    let mut words: Vec<String> = names.iter().take(MAX_NAMED).cloned().collect();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    match words.split_last() {
        None => none.to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
