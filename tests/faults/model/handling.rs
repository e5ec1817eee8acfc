//! Every stored event is handled, or is a dead letter, by each subscription.

use std::collections::HashMap;

use tidings::{DeadLetter, Reason};

use super::{Evidence, Violation};
use crate::events::Mix;
use crate::topology::Reader;

pub(super) fn judge(evidence: &Evidence, mix: &Mix) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut letters: HashMap<(Reader, u64), Vec<&DeadLetter>> = HashMap::new();
    for letter in &evidence.letters {
        match Reader::of_durable(&letter.subscription) {
            Some(reader) => {
                letters.entry((reader, letter.source_sequence)).or_default().push(letter);
            }
            None => {
                let detail = told(letter);
                violations.push(Violation::new("a dead letter of nobody", letter.sequence, detail));
            }
        }
    }
    for ((stream, sequence), id) in &evidence.stored {
        // What is no event of a run is poison that was stored from outside.
        let is_poison = id.parse().map_or(true, |event| mix.temper(&event).is_poison());
        for reader in Reader::of_stream(stream) {
            let handling = evidence.handlings.get(&(reader, id.clone()));
            let handled = handling.and_then(|handling| handling.handled);
            let known = || handling.map_or("never received".to_owned(), |it| format!("{it:?}"));
            let letters = letters.remove(&(reader, *sequence)).unwrap_or_default();
            let was_ended = evidence.terminated.contains(&(reader, *sequence));
            let mut broken = |rule, detail: String| {
                let subject = format!("{id} (sequence {sequence}, {reader:?})");
                violations.push(Violation::new(rule, subject, detail));
            };
            match (is_poison, letters.as_slice()) {
                (false, []) if handled.is_none() => broken("an event is not handled", known()),
                (false, [letter]) if was_ended && letter.reason == Some(Reason::Terminated) => {}
                (false, [letter, ..]) => broken("a good event is a dead letter", told(letter)),
                (true, []) => broken("a poison event is not among the dead letters", known()),
                (true, [_, _, ..]) => {
                    let detail = letters.iter().map(|letter| told(letter)).collect::<Vec<_>>();
                    broken("a poison event is a dead letter more than once", detail.join("; "));
                }
                _ => {}
            }
        }
    }
    for ((reader, sequence), letters) in letters {
        let subject = format!("sequence {sequence}, {reader:?}");
        violations.extend(letters.iter().map(|letter| {
            Violation::new("a dead letter of no stored event", &subject, told(letter))
        }));
    }
    violations
}

fn told(letter: &DeadLetter) -> String {
    let DeadLetter { sequence, reason, error, attempts, event_id, .. } = letter;
    let reason = reason.map_or("no reason", |reason| reason.as_str());
    format!("letter {sequence} of {event_id:?}, {reason} after {attempts} attempts: {error}")
}
