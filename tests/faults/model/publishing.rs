//! What the publishers were told is what the stream holds.

use std::collections::HashMap;

use super::{Evidence, Violation};
use crate::events::EventId;

pub(super) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut places: HashMap<&str, u64> = HashMap::new();
    for ((_, sequence), id) in &evidence.stored {
        if let Some(first) = places.insert(id, *sequence) {
            let detail = format!("at {first} and at {sequence}");
            violations.push(Violation::new("an event is stored twice", id, detail));
        }
        if !evidence.publications.contains_key(id) {
            let detail = format!("at {sequence}");
            violations.push(Violation::new("nobody has published what is stored", id, detail));
        }
    }
    for (id, publication) in &evidence.publications {
        let place = places.get(id.as_str());
        let was_wiped = publication.stored_at.is_some_and(|at| at <= evidence.wiped_at);
        if publication.stored && !was_wiped && place.is_none() {
            let detail = format!("{publication:?}");
            violations.push(Violation::new("an acknowledged event is lost", id, detail));
        }
        // Of a process that died nobody knows what it has sent.
        let each_refused = publication.refused == publication.begun;
        if each_refused && let Some(place) = place {
            let detail = format!("at {place}; {publication:?}");
            violations.push(Violation::new("a refused event is stored", id, detail));
        }
    }
    for (_, events) in evidence.by_key() {
        violations
            .extend(events.windows(2).filter_map(|pair| swapped(evidence, &pair[0], &pair[1])));
    }
    violations
}

/// Whether two neighbours in the stream, of one key, are there in another order than they were published in.
fn swapped(evidence: &Evidence, first: &EventId, second: &EventId) -> Option<Violation> {
    let later = evidence.publications.get(&first.to_string())?;
    let earlier = evidence.publications.get(&second.to_string())?;
    // Only what had its word before the next was begun is known to be before it.
    let known_before = earlier.stored_at.is_some_and(|stored| stored < later.begun_at);
    known_before.then(|| {
        let detail = format!("{second} had its word before {first} was begun, and is behind it");
        Violation::new("the stream has events of one key in another order", second, detail)
    })
}
