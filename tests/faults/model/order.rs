//! Events of one key are handled in their order.

use std::collections::HashMap;

use super::{Evidence, Violation};
use crate::events::EventId;
use crate::journal::{Entry, Line};
use crate::topology::Reader;

pub(super) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = over_instances(evidence);
    for (name, lines) in &evidence.instances {
        violations.extend(within_instance(name, lines));
    }
    violations
}

/// Where order holds over all instances, no event is begun before each one before it was handled, or given up.
fn over_instances(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (_, events) in evidence.by_key() {
        // The event that was done with last, and when.
        let mut last: Option<(&EventId, u64)> = None;
        for event in &events {
            let reader = if event.is_of_pallet() { Reader::Parted } else { Reader::Strict };
            let Some(handling) = evidence.handlings.get(&(reader, event.to_string())) else {
                // Which is another rule's to tell.
                continue;
            };
            if let Some((before, done)) = last
                && before != event
                && handling.first_received < done
            {
                let early = done - handling.first_received;
                let detail = format!("received {early} µs before {before} was done with");
                violations.push(Violation::new("an event has overtaken", event, detail));
            }
            let done = handling.handled.into_iter().chain(handling.given_up).min();
            if let Some(done) = done
                && last.is_none_or(|(_, latest)| done > latest)
            {
                last = Some((event, done));
            }
        }
    }
    violations
}

/// Where order holds within an instance, nothing of a key begins in it while another is begun and not done with.
fn within_instance(name: &str, lines: &[Line]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut current: HashMap<String, EventId> = HashMap::new();
    for Line(_, entry) in lines {
        let (Entry::Received { reader, id, .. }
        | Entry::Handled { reader, id }
        | Entry::Failed { reader, id, last: true }) = entry
        else {
            continue;
        };
        let (Reader::Lanes, Ok(event)) = (reader, id.parse::<EventId>()) else { continue };
        if !matches!(entry, Entry::Received { .. }) {
            current.remove(&event.parcel);
            continue;
        }
        if let Some(before) = current.insert(event.parcel.clone(), event.clone())
            && before != event
        {
            let detail = format!("{name}: {before} was not done with");
            violations.push(Violation::new("an event has begun beside another", event, detail));
        }
    }
    violations
}
