//! Events that are stored all or not at all.

use std::collections::HashSet;
use std::pin::Pin;

use tokio::time::Instant;

use super::batch::Batch;
use super::observed::{self, Pending};
use super::transmit::{Attempt, DEADLINE, pause};
use super::{Outcome, Publish, PublishError, Published, group, guard};
use crate::broker::{DUPLICATE_IN_BATCH, MOST_TOGETHER, Outgoing, Scattered};
use crate::message::claim::{self, Left};
use crate::{BrokerError, Event, Tidings};

/// Several events that are stored all or not at all: [`add`](Self::add) them, then `.await` it.
///
/// ```no_run
/// # async fn example(
/// #     publisher: event_catalog::orders::Publisher,
/// #     created: event_catalog::orders::OrderCreated,
/// #     changed: event_catalog::orders::OrderStatusChanged,
/// # ) -> Result<(), tidings::PublishError> {
/// let published = publisher
///     .atomically()
///     .add(publisher.order_created(created))
///     .add(publisher.order_status_changed(changed))
///     .await?;
/// assert_eq!(published.len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// All must be of one stream, and with their copies in older versions no more than 1,000. They lie side by side in the
/// stream, in the order in which they were added. It takes nats-server 2.12 or newer.
///
/// Each may [expect a last sequence](Publish::expect_last_sequence) of its subject, if it is the first on it
/// ([`PublishError::NotFirst`]): where one expectation fails, nothing is stored. Publishing the same again with the same ids stores nothing new. Where some of the
/// ids are known to the stream and others are not, nothing is stored, and the error says so.
#[derive(Debug)]
#[must_use = "events are published once this is awaited"]
pub struct Atomic {
    bus: Tidings,
    drafts: Pending,
    /// What is wrong with the first that cannot be sent.
    fault: Option<PublishError>,
}

impl Atomic {
    pub(crate) fn new(bus: Tidings) -> Self {
        Self { bus, drafts: Pending::default(), fault: None }
    }

    /// Adds an event. What is wrong with it is said when all are published.
    #[allow(clippy::should_implement_trait, reason = "what is added is no number")]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "it is published with the others, or not at all"
    )]
    pub fn add<E: Event>(mut self, event: Publish<'_, E>) -> Self {
        let (draft, observed) = event.drafted();
        match draft {
            Ok(draft) => self.drafts.push(draft, observed),
            Err(error) => self.fault = self.fault.or(Some(observed.failed(error))),
        }
        self
    }

    async fn send(self) -> Result<Vec<Published>, PublishError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let (drafts, all_observed) = self.drafts.leave();
        let sent = async {
            let mut batches = Vec::with_capacity(drafts.len());
            for draft in drafts {
                batches.push(draft.seal(&self.bus).await?);
            }
            Ok(send_all(&self.bus, batches).await?.events)
        };
        let result = sent.await;
        observed::all_ended(all_observed, result.as_deref());
        result
    }
}

/// Events that lie side by side.
pub(super) struct Together {
    pub(super) events: Vec<Published>,
    /// The place of the last of their messages, where they were stored now.
    pub(super) last: Option<u64>,
}

/// Stores events all or not at all.
pub(super) async fn send_all(bus: &Tidings, batches: Vec<Batch>) -> Result<Together, PublishError> {
    let Some(first) = batches.first() else {
        return Ok(Together { events: Vec::new(), last: None });
    };
    let (event_type, id) = (first.event_type, first.id().to_owned());
    // Which of the messages are the events themselves.
    let mut own = Vec::with_capacity(batches.len());
    let mut messages: Vec<Outgoing> = Vec::with_capacity(batches.len());
    for batch in batches {
        let other = batch.event_type;
        own.push(messages.len() + batch.own());
        messages.extend(batch.into_messages());
        let [first, .., last] = messages.as_slice() else { continue };
        if first.stream != last.stream {
            let (stream, other_stream) = (first.stream, last.stream);
            return Err(PublishError::SeveralStreams { event_type, stream, other, other_stream });
        }
    }
    if messages.len() > MOST_TOGETHER {
        return Err(PublishError::TooMany { event_type, count: messages.len() });
    }
    let mut subjects = HashSet::new();
    for message in &messages {
        let first = subjects.insert(message.subject.as_str());
        if !first && message.expected_last_subject_sequence.is_some() {
            let subject = message.subject.to_string();
            return Err(PublishError::NotFirst { event_type, subject });
        }
    }
    let ids: HashSet<&str> = messages.iter().map(|one| one.message_id.as_str()).collect();
    if ids.len() < messages.len() {
        return Err(PublishError::KnownInPart { event_type });
    }
    let permit = guard::admit(bus, event_type)?;
    let result = put_and_transmit(bus, event_type, &mut messages).await;
    guard::conclude(bus, permit, event_type, &id, result.as_ref().map(Places::outcome));
    let places = result?;
    let published = |index: &usize| {
        let message = messages.get(*index)?;
        let (sequence, duplicate) = match places {
            Places::EndingWith(last) => {
                (Some(last + 1 + *index as u64 - messages.len() as u64), false)
            }
            Places::Earlier => (None, true),
        };
        let id = message.message_id.clone();
        Some(Published { id, stream: message.stream, sequence, duplicate })
    };
    let last = match places {
        Places::EndingWith(last) => Some(last),
        Places::Earlier => None,
    };
    Ok(Together { events: own.iter().filter_map(published).collect(), last })
}

impl IntoFuture for Atomic {
    type Output = Result<Vec<Published>, PublishError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Where the messages are.
#[derive(Clone, Copy, Debug)]
enum Places {
    /// Side by side, the last one here.
    EndingWith(u64),
    /// In the stream since before this call.
    Earlier,
}

impl Places {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Earlier => Outcome::Duplicate,
            Self::EndingWith(_) => Outcome::Stored,
        }
    }
}

/// Puts aside what is too large, and sends the messages.
async fn put_and_transmit(
    bus: &Tidings,
    event_type: &'static str,
    messages: &mut [Outgoing],
) -> Result<Places, PublishError> {
    let mut aside: Vec<Left> = Vec::new();
    let mut put = Ok(());
    for message in messages.iter_mut() {
        match claim::leave(bus, message).await {
            Ok(left) => aside.extend(left),
            Err(source) => {
                put = Err(PublishError::Rejected { event_type, source });
                break;
            }
        }
    }
    let result = match put {
        Ok(()) => transmit_all(bus, event_type, messages).await,
        Err(error) => Err(error),
    };
    for left in aside {
        left.settle(result.as_ref().map(Places::outcome)).await;
    }
    result
}

/// Sends the messages, and again as long as there may be a word from the stream.
async fn transmit_all(
    bus: &Tidings,
    event_type: &'static str,
    messages: &[Outgoing],
) -> Result<Places, PublishError> {
    let begun = Instant::now();
    let mut attempts = 0;
    let mut unanswered = false;
    loop {
        attempts += 1;
        let turn = group::turn(bus, messages.first().map_or("", |first| first.stream)).await;
        let attempt = match bus.broker().send_atomically(messages, Scattered::Possible).await {
            Ok(word) => Attempt::of(word.await),
            Err(error) => Attempt::Refused(error),
        };
        drop(turn);
        let error = match attempt {
            Attempt::Stored(stored) => return Ok(Places::EndingWith(stored.sequence)),
            Attempt::Refused(error) => error,
            Attempt::Unanswered(error) => {
                unanswered = true;
                error
            }
        };
        let known = match &error {
            BrokerError::Conflict { .. }
            | BrokerError::Refused { code: DUPLICATE_IN_BATCH, .. } => known(bus, messages).await,
            _ => Ok(Known::None),
        };
        let again = match (&error, known) {
            // What an earlier attempt of ours stored is no duplicate to the caller.
            (_, Ok(Known::All { last: Some(last) }))
                if unanswered && are_behind_what_they_expect(messages, last) =>
            {
                return Ok(Places::EndingWith(last));
            }
            (_, Ok(Known::All { .. })) => return Ok(Places::Earlier),
            (BrokerError::Conflict { actual }, Ok(_)) => match newer(bus, messages).await {
                Ok(Some(last)) => return Err(PublishError::Conflict { event_type, last }),
                // Another message, or an earlier copy of ours, is on its way and may yet be lost with its leader.
                Ok(None) => true,
                Err(BrokerError::Denied(_)) if !unanswered => match *actual {
                    Some(last) => return Err(PublishError::Conflict { event_type, last }),
                    None => true,
                },
                Err(unread) => unread.is_transient(),
            },
            (_, Ok(Known::Some)) => return Err(PublishError::KnownInPart { event_type }),
            // The one that was known has been forgotten meanwhile.
            (BrokerError::Refused { code: DUPLICATE_IN_BATCH, .. }, Ok(Known::None)) => true,
            (error, Ok(_)) => error.is_transient(),
            (_, Err(unread)) => unread.is_transient(),
        };
        let pause = pause(attempts);
        if !again || begun.elapsed() + pause >= DEADLINE {
            if !unanswered {
                return Err(PublishError::Rejected { event_type, source: error });
            }
            let id = messages.first().map_or_else(String::new, |first| first.message_id.clone());
            let elapsed = begun.elapsed();
            return Err(PublishError::Unknown { event_type, id, attempts, elapsed, source: error });
        }
        tracing::debug!(event_type, attempts, %error, "publishing again, all of them");
        tokio::time::sleep(pause).await;
    }
}

/// How many of the messages' ids the stream remembers.
enum Known {
    None,
    Some,
    /// And where the last one is, side by side with the others.
    All {
        /// None where they were not stored together.
        last: Option<u64>,
    },
}

async fn known(bus: &Tidings, messages: &[Outgoing]) -> Result<Known, BrokerError> {
    let mut places = Vec::with_capacity(messages.len());
    for message in messages {
        places.extend(bus.broker().remembered(message).await?);
    }
    let together = places.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    Ok(match places.len() {
        0 => Known::None,
        all if all == messages.len() => Known::All { last: places.pop().filter(|_| together) },
        _ => Known::Some,
    })
}

/// Whether messages that lie side by side can have been stored by whoever expects this of them now: what an earlier call
/// has stored, and its caller has seen since, lies before what is expected.
fn are_behind_what_they_expect(messages: &[Outgoing], last: u64) -> bool {
    let first = (last + 1).saturating_sub(messages.len() as u64);
    (first..).zip(messages).all(|(place, message)| {
        message.expected_last_subject_sequence.is_none_or(|expected| expected < place)
    })
}

/// The sequence of the last message on the subject of the first whose expectation it does not meet, if there is one.
async fn newer(bus: &Tidings, messages: &[Outgoing]) -> Result<Option<u64>, BrokerError> {
    for message in messages {
        if let Some(expected) = message.expected_last_subject_sequence {
            let subject = message.expects_of();
            let last = bus.broker().last_message(message.stream, subject).await?;
            let last = last.map_or(0, |last| last.sequence);
            if last != expected {
                return Ok(Some(last));
            }
        }
    }
    Ok(None)
}
