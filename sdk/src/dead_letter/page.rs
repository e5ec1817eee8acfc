//! Dead letters by their place: one, or some and where to go on.

use std::collections::{BTreeSet, VecDeque};

use super::{DeadLetter, DeadLetters};
use crate::BrokerError;

/// How many dead letters that are not meant are passed over before a page ends without them.
#[cfg(feature = "admin")]
const PASSED_OVER: usize = 2000;

/// Some dead letters.
#[cfg(feature = "admin")]
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) letters: Vec<DeadLetter>,
    /// Where the next page begins; none where there is nothing more at the moment.
    pub(crate) next: Option<u64>,
}

impl DeadLetters {
    /// Only those of the subscriptions of one service.
    #[must_use]
    pub fn of_service(mut self, service: &str) -> Self {
        self.filter = format!("{}.{service}.>", self.spec.subject);
        self
    }

    /// Only those with this [sequence](DeadLetter::sequence) or a later one.
    #[must_use]
    pub fn starting_at(mut self, sequence: u64) -> Self {
        self.next = sequence.max(1);
        self
    }

    /// Only the one with this [sequence](DeadLetter::sequence).
    #[must_use]
    pub fn only(mut self, sequence: u64) -> Self {
        self.next = sequence.max(1);
        self.last = sequence;
        self
    }

    /// Only those with these [sequences](DeadLetter::sequence), as far as they are there.
    #[must_use]
    pub fn among(mut self, sequences: impl IntoIterator<Item = u64>) -> Self {
        self.among = Some(BTreeSet::from_iter(sequences).into_iter().collect());
        self
    }

    /// As many as are asked for, or fewer where many others lie between them.
    #[cfg(feature = "admin")]
    pub(crate) async fn page(mut self, limit: usize) -> Result<Page, BrokerError> {
        let mut letters = Vec::new();
        let mut passed_over = 0;
        while letters.len() < limit && passed_over < PASSED_OVER {
            let Some(letter) = self.read().await? else {
                return Ok(Page { letters, next: None });
            };
            if self.is_meant(&letter) {
                letters.push(letter);
            } else {
                passed_over += 1;
            }
        }
        let broker = self.bus.broker();
        let more = broker.next_message(self.spec.stream, &self.filter, self.next).await?;
        Ok(Page { letters, next: more.map(|more| more.sequence) })
    }

    /// The next one, whether it is meant or not.
    pub(super) async fn read(&mut self) -> Result<Option<DeadLetter>, BrokerError> {
        loop {
            let asked = match self.among.as_mut().map(VecDeque::pop_front) {
                Some(Some(sequence)) if sequence < self.next => continue,
                Some(Some(sequence)) => sequence,
                Some(None) => return Ok(None),
                None => self.next,
            };
            let broker = self.bus.broker();
            let message = broker.next_message(self.spec.stream, &self.filter, asked).await?;
            let Some(message) = message.filter(|message| message.sequence <= self.last) else {
                return Ok(None);
            };
            if self.among.is_some() && message.sequence != asked {
                continue;
            }
            self.next = message.sequence + 1;
            return Ok(Some(DeadLetter::new(message, self.events, self.bus.largest_payload())));
        }
    }
}
