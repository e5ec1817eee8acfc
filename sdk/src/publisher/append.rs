//! Events that are stored behind a known last one, or not at all.

use super::atomic::{Together, send_all};
use super::batch::Batch;
use super::draft::Draft;
use super::follow_up::Lent;
use super::observed::{self, Observed, Pending};
use super::publish::{Given, draft};
use super::{Origin, Outcome, PublishError, Published, guard, transmit};
use crate::broker::{MESSAGE_ID, Outgoing, Pattern};
use crate::message::headers::Headers;
use crate::message::personal::without_values;
use crate::resilience::retry;
use crate::{Event, Tidings};

/// Events on their way behind the last one on the subjects that a filter matches.
#[derive(Debug)]
pub(crate) struct Append {
    filter: String,
    /// The sequence of the last one, 0 for none.
    after: u64,
    drafts: Pending,
    /// Their ids, in a handler: free again where nothing was stored under them.
    lent: Vec<Lent>,
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
        Self { filter, after, drafts: Pending::default(), lent: Vec::new() }
    }

    /// Adds an event that is number `version` of its aggregate. A subject of it that the filter does not match is given
    /// back.
    pub(crate) fn add<E: Event>(
        &mut self,
        origin: &Origin,
        event: &E,
        version: u64,
    ) -> Result<Result<(), String>, PublishError> {
        let observed = Observed::begin(origin, E::SPEC);
        let encode = |error| {
            let (event_type, source) = (E::SPEC.event_type, without_values(E::SPEC, error));
            PublishError::Encode { event_type, source }
        };
        let follow_ups = origin.follow_ups.as_ref();
        let lent = match follow_ups.map(|follow_ups| follow_ups.lend(event)).transpose() {
            Ok(lent) => lent,
            Err(error) => return Err(observed.failed(encode(error))),
        };
        let id = lent.as_ref().map(Lent::id);
        let aggregate_version = Some(version);
        let given =
            Given { id: id.as_deref().map(Into::into), aggregate_version, ..Given::default() };
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
        self.lent.extend(lent);
        Ok(Ok(()))
    }

    /// Stores them all or not at all; or `one_by_one`, each behind the one before.
    pub(crate) async fn send(
        self,
        bus: &Tidings,
        one_by_one: bool,
    ) -> Result<Appended, NotAppended> {
        let Self { filter, after, drafts, lent } = self;
        let (drafts, all_observed) = drafts.leave();
        let result = send(bus, &filter, after, drafts, lent, one_by_one).await;
        observed::appended(all_observed, result.as_ref());
        result
    }
}

async fn send(
    bus: &Tidings,
    filter: &str,
    after: u64,
    drafts: Vec<Draft>,
    mut lent: Vec<Lent>,
    one_by_one: bool,
) -> Result<Appended, NotAppended> {
    let mut batches = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let batch = draft.seal(bus).await;
        batches.push(batch.map_err(|reason| NotAppended { stored: 0, reason })?);
    }
    // From here on they may be stored, even if nobody waits for it any more.
    lent.iter_mut().for_each(Lent::keep);
    let sent = match batches.iter().map(Batch::len).sum::<usize>() > 1 && !one_by_one {
        true => together(bus, batches, filter, after).await,
        false => in_turn(bus, batches, filter, after).await,
    };
    if let Err(NotAppended { stored, reason }) = &sent
        && matches!(reason.outcome(), Outcome::Rejected | Outcome::Conflict)
    {
        lent.into_iter().skip(*stored).for_each(Lent::give_back);
    }
    sent
}

async fn together(
    bus: &Tidings,
    mut batches: Vec<Batch>,
    filter: &str,
    after: u64,
) -> Result<Appended, NotAppended> {
    let id = last_id(&batches);
    if let Some(first) = batches.first_mut() {
        first.expect_of(filter, after);
    }
    let together = send_all(bus, batches).await;
    let Together { events, last } = together.map_err(|reason| NotAppended { stored: 0, reason })?;
    Ok(Appended { events, last: last.map(|last| (last, id)) })
}

async fn in_turn(
    bus: &Tidings,
    batches: Vec<Batch>,
    filter: &str,
    after: u64,
) -> Result<Appended, NotAppended> {
    let id = last_id(&batches);
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

fn last_id(batches: &[Batch]) -> String {
    batches.last().map_or_else(String::new, |last| last.last_id().to_owned())
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
            Some(after) => {
                message.expected_last_subject_sequence = Some(after);
                message.expected_filter = Some(filter.to_owned());
                let copy = message.clone();
                let mut word = transmit(bus, event_type, message).await;
                if let Ok(published) = &mut word
                    && published.sequence.is_none()
                {
                    published.sequence = next_is(bus, &copy, filter, after).await;
                    published.duplicate |= published.sequence.is_none();
                }
                *last = word.as_ref().ok().and_then(|published| published.sequence);
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
    guard::conclude(bus, permit, event_type, &id, result.as_ref().map(Published::outcome));
    result
}

/// The place of a message that is a duplicate, if it is the one that was stored behind the expected place. One that an
/// earlier append has stored, and that was loaded since, lies before it.
async fn next_is(bus: &Tidings, message: &Outgoing, filter: &str, after: u64) -> Option<u64> {
    let broker = bus.broker();
    let next = || broker.next_message(message.stream, filter, after + 1);
    let next = retry::reaching(next).await;
    let own = |headers: &Headers| headers.get(MESSAGE_ID) == Some(&message.message_id);
    next.ok().flatten().filter(|next| own(&next.headers)).map(|next| next.sequence)
}
