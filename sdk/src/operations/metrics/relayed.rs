//! What a relay publishes out of an outbox, counted like any other publish.

use std::collections::HashMap;

use metrics::{Counter, counter};

use super::names;
use crate::broker::Outgoing;
use crate::{Outcome, message::envelope};

/// The counters of a relay, by event type and service. A relay knows no types: both stand in the rows, which this service's
/// own publishers have written.
#[derive(Debug, Default)]
pub(crate) struct Relayed(HashMap<(String, String), [Counter; Outcome::ALL.len()]>);

impl Relayed {
    /// What became of an event, of which one message is at hand.
    pub(crate) fn ended(
        &mut self,
        event_type: &str,
        message: Option<&Outgoing>,
        outcome: Outcome,
        largest: usize,
    ) {
        let Some(message) = message else { return };
        let Ok(received) = envelope::read(&message.headers, &message.payload, largest) else {
            return;
        };
        let source = received.envelope.source;
        let service = source.rsplit('/').next().unwrap_or(&source);
        let key = (event_type.to_owned(), service.to_owned());
        let counters = self.0.entry(key).or_insert_with_key(|(event_type, service)| {
            Outcome::ALL.map(|outcome| {
                counter!(
                    names::PUBLISHED,
                    "event_type" => event_type.clone(), "service" => service.clone(),
                    "status" => outcome.as_str()
                )
            })
        });
        counters[outcome as usize].increment(1);
    }
}
