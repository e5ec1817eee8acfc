//! Events that are stored behind a known last one, or not at all.

use super::atomic::{Together, send_all};
use super::batch::Batch;
use super::draft::Draft;
use super::observed::{self, Observed, Pending};
use super::publish::{Given, draft};
use super::{Origin, Outcome, PublishError, Published, guard, transmit};
use crate::broker::Pattern;
use crate::{Event, Tidings};

/// Events on their way behind the last one on the subjects that a filter matches.
#[derive(Debug)]
pub(crate) struct Append {
    filter: String,
    /// The sequence of the last one, 0 for none.
    after: u64,
    drafts: Pending,
}

/// What became of them.
#[derive(Debug)]
pub(crate) struct Appended {
    /// The word for each event.
    pub(crate) events: Vec<Published>,
    /// The last message now, by its sequence and id, unless they had been stored before.
    pub(crate) last: Option<(u64, String)>,
}

/// Not all are stored.
#[derive(Debug)]
pub(crate) struct NotAppended {
    /// How many are, from the first one on: of those that are not stored together.
    pub(crate) stored: usize,
    pub(crate) reason: PublishError,
}

impl Append {
    pub(crate) fn behind(filter: String, after: u64) -> Self {
        Self { filter, after, drafts: Pending::default() }
    }

    /// Adds an event that is number `version` of its aggregate. A subject of it that the filter does not match is given
    /// back.
    pub(crate) fn add<E: Event>(
        &mut self,
        origin: &Origin,
        event: &E,
        version: u64,
    ) -> Result<Result<(), String>, PublishError> {
        let given = Given { aggregate_version: Some(version), ..Given::default() };
        let observed = Observed::begin(origin, E::SPEC);
        let draft = observed.span().in_scope(|| draft(origin, event, given));
        let draft = match draft {
            Ok(draft) => draft,
            Err(error) => return Err(observed.failed(error)),
        };
        observed.named(draft.id());
        let filter = Pattern::parse(&self.filter);
        let other = draft
            .subjects()
            .find(|subject| filter.as_ref().is_none_or(|filter| !filter.matches(subject)));
        if let Some(other) = other {
            observed.ended(Outcome::Rejected);
            return Ok(Err(other.to_owned()));
        }
        self.drafts.push(draft, observed);
        Ok(Ok(()))
    }

    /// Stores them all or not at all; or `one_by_one`, each behind the one before.
    pub(crate) async fn send(
        self,
        bus: &Tidings,
        one_by_one: bool,
    ) -> Result<Appended, NotAppended> {
        let Self { filter, after, drafts } = self;
        let (drafts, all_observed) = drafts.leave();
        let result = send(bus, &filter, after, drafts, one_by_one).await;
        observed::appended(all_observed, result.as_ref());
        result
    }
}

async fn send(
    bus: &Tidings,
    filter: &str,
    after: u64,
    drafts: Vec<Draft>,
    one_by_one: bool,
) -> Result<Appended, NotAppended> {
    let mut batches = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let batch = draft.seal(bus).await;
        batches.push(batch.map_err(|reason| NotAppended { stored: 0, reason })?);
    }
    let id = batches.last().map_or_else(String::new, |last| last.last_id().to_owned());
    let messages: usize = batches.iter().map(Batch::len).sum();
    if messages > 1 && !one_by_one {
        if let Some(first) = batches.first_mut() {
            first.expect_of(filter, after);
        }
        let together = send_all(bus, batches).await;
        let together = together.map_err(|reason| NotAppended { stored: 0, reason })?;
        let Together { events, last } = together;
        return Ok(Appended { events, last: last.map(|last| (last, id)) });
    }
    let mut events = Vec::with_capacity(batches.len());
    let mut last = Some(after);
    for batch in batches {
        let stored = events.len();
        let sent = send_one(bus, batch, filter, &mut last).await;
        events.push(sent.map_err(|reason| NotAppended { stored, reason })?);
    }
    // One that had been stored before has others behind it, for all that is known.
    let last = last.filter(|_| events.iter().all(|event| !event.duplicate));
    Ok(Appended { events, last: last.map(|last| (last, id)) })
}

/// Stores an event's messages one after the other, each expecting the one before.
async fn send_one(
    bus: &Tidings,
    batch: Batch,
    filter: &str,
    last: &mut Option<u64>,
) -> Result<Published, PublishError> {
    let (event_type, id) = (batch.event_type, batch.id().to_owned());
    let permit = guard::admit(bus, event_type)?;
    let (messages, mut words) = batch.split();
    for mut message in messages {
        let word = match *last {
            Some(_) => {
                message.expected_last_subject_sequence = *last;
                message.expected_filter = Some(filter.to_owned());
                let copy = message.clone();
                let word = transmit(bus, event_type, message).await;
                *last = match &word {
                    // Of a duplicate the stream may still know the place.
                    Ok(Published { sequence: None, .. }) => {
                        bus.broker().remembered(&copy).await.unwrap_or_default()
                    }
                    word => word.as_ref().ok().and_then(|published| published.sequence),
                };
                word
            }
            // Behind what, nobody can tell.
            None => Err(PublishError::KnownInPart { event_type }),
        };
        words.hear(word);
        if !words.are_good() {
            break;
        }
    }
    let result = words.own();
    guard::conclude(permit, event_type, &id, result.as_ref().map(Published::outcome));
    result
}
