//! The policy of publishing: the same message with the same id until the stream's word or the deadline.

use std::time::Duration;

use tokio::time::Instant;

use super::group::{self, Word};
use super::{PublishError, Published};
use crate::broker::{BrokerError, MESSAGE_ID, Outgoing, Stored};
use crate::{Tidings, message::claim, resilience::retry};

/// How long a message is tried, from the first time that it is sent. The last copy leaves some seconds later at most; the
/// catalog refuses duplicate windows of less than twice as long, so no attempt stores a second one.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);
/// The first pause between attempts; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What came of sending a message once.
pub(super) enum Attempt {
    /// The stream's word.
    Stored(Stored),
    /// It was not stored.
    Refused(BrokerError),
    /// It was sent, and no word came.
    Unanswered(BrokerError),
}

/// Sends a message, and again as long as there may be a word from the stream.
pub(crate) async fn transmit(
    bus: &Tidings,
    event_type: &'static str,
    mut message: Outgoing,
) -> Result<Published, PublishError> {
    let rejected = |source| PublishError::Rejected { event_type, source };
    let left = claim::leave(bus, &mut message).await.map_err(rejected)?;
    let word = alone(bus, event_type, message).await;
    if let Some(left) = left {
        left.settle(word.as_ref().map(Published::outcome)).await;
    }
    word
}

/// The same for one whose payload goes with it.
pub(super) async fn alone(
    bus: &Tidings,
    event_type: &'static str,
    message: Outgoing,
) -> Result<Published, PublishError> {
    let at = Instant::now();
    match Attempt::make(bus, &message).await {
        Attempt::Stored(stored) => {
            Ok(published(message.message_id, message.stream, &stored, false))
        }
        // In a box, as this seldom comes.
        first => Box::pin(finish(bus, event_type, message, at, first)).await,
    }
}

/// Goes on after the first attempt, which was made `begun`.
pub(super) async fn finish(
    bus: &Tidings,
    event_type: &'static str,
    mut message: Outgoing,
    begun: Instant,
    first: Attempt,
) -> Result<Published, PublishError> {
    // Nobody else has a new id: a duplicate is our own copy.
    let is_own = std::mem::replace(&mut message.is_new, false);
    let mut attempt = first;
    let mut attempts = 1;
    // Once one attempt went unanswered, nobody knows that nothing is stored, whatever a later one is told.
    let mut unanswered = false;
    // Of those that were sent together this may be one that is stored, until it is refused by itself.
    let mut mixed = false;
    loop {
        let error = match attempt {
            Attempt::Stored(stored) => {
                let known = is_own || unanswered;
                return Ok(published(message.message_id, message.stream, &stored, known));
            }
            Attempt::Refused(error) => {
                mixed = match &error {
                    BrokerError::Mixed => true,
                    error => mixed && !error.denies_a_copy(),
                };
                error
            }
            Attempt::Unanswered(error) => {
                unanswered = true;
                error
            }
        };
        let pause = pause(attempts);
        let again = match &error {
            BrokerError::Conflict { .. } => match own_copy(bus, &message).await {
                Ok(Ok(sequence)) => {
                    let (id, stream, duplicate) =
                        (message.message_id, message.stream, !is_own && !unanswered);
                    return Ok(Published { id, stream, sequence: Some(sequence), duplicate });
                }
                Ok(Err(last)) if Some(last) != message.expected_last_subject_sequence => {
                    return Err(PublishError::Conflict { event_type, last });
                }
                // Another message, or an earlier copy of ours, is on its way and may yet be lost with its leader.
                Ok(Err(_)) => true,
                Err(BrokerError::Denied(_)) if !unanswered => {
                    match newer(&error, message.expected_last_subject_sequence) {
                        Some(last) => return Err(PublishError::Conflict { event_type, last }),
                        None => true,
                    }
                }
                Err(unread) => unread.is_transient(),
            },
            error => error.is_transient(),
        };
        if !again || begun.elapsed() + pause >= DEADLINE {
            if !unanswered && !mixed {
                return Err(PublishError::Rejected { event_type, source: error });
            }
            let (id, elapsed) = (message.message_id, begun.elapsed());
            return Err(PublishError::Unknown { event_type, id, attempts, elapsed, source: error });
        }
        tracing::debug!(event_type, id = message.message_id, attempts, %error, "publishing again");
        tokio::time::sleep(pause).await;
        attempts += 1;
        attempt = Attempt::make(bus, &message).await;
    }
}

/// The pause after this many attempts.
pub(super) fn pause(attempts: u32) -> Duration {
    retry::doubling(FIRST_PAUSE, LONGEST_PAUSE, attempts)
}

impl Attempt {
    async fn make(bus: &Tidings, message: &Outgoing) -> Self {
        match group::send(bus, message).await {
            Ok(word) => word.await.into(),
            Err(error) => Self::Refused(error),
        }
    }

    /// What the stream's word, or its absence, means.
    pub(super) fn of(word: Result<Stored, BrokerError>) -> Self {
        match word {
            Ok(stored) => Self::Stored(stored),
            Err(error) if error.is_unreachable() || matches!(error, BrokerError::Closed) => {
                Self::Unanswered(error)
            }
            Err(error) => Self::Refused(error),
        }
    }
}

impl From<Word> for Attempt {
    fn from(word: Word) -> Self {
        match word {
            Word::Heard(stored) => Self::of(stored),
            Word::Unsent(error) => Self::Refused(error),
        }
    }
}

/// What a conflict says by itself of the last message on the subject, where that is not the expected one. It is what is
/// known where the stream may not be read.
pub(super) fn newer(conflict: &BrokerError, expected: Option<u64>) -> Option<u64> {
    let BrokerError::Conflict { actual } = conflict else { return None };
    actual.filter(|actual| Some(*actual) != expected)
}

/// Settles a conflict: servers differ in whether they call the second copy of a message a duplicate or a conflict. If
/// ours was stored, it is the first on its subject after the expected one. Gives its sequence, or that of the last.
async fn own_copy(bus: &Tidings, message: &Outgoing) -> Result<Result<u64, u64>, BrokerError> {
    let (stream, subject) = (message.stream, message.expects_of());
    let after = message.expected_last_subject_sequence.unwrap_or_default() + 1;
    let next = bus.broker().next_message(stream, subject, after).await?;
    let own = next.filter(|next| next.headers.get(MESSAGE_ID) == Some(&message.message_id));
    match own {
        Some(own) => Ok(Ok(own.sequence)),
        None => {
            let last = bus.broker().last_message(stream, subject).await?;
            Ok(Err(last.map_or(0, |last| last.sequence)))
        }
    }
}

/// The stream's word for the caller: what an earlier attempt of ours stored is no duplicate to him.
pub(super) fn published(
    id: String,
    stream: &'static str,
    stored: &Stored,
    unanswered: bool,
) -> Published {
    let sequence = (!stored.duplicate).then_some(stored.sequence);
    Published { id, stream, sequence, duplicate: stored.duplicate && !unanswered }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::kv::BucketConfig;

    /// A message with a new id for a stream with so much room. It is that of a bucket: one that is full takes no more.
    async fn message(room: u64) -> (Tidings, Outgoing) {
        let bus = Tidings::embedded();
        let bucket = BucketConfig::new("orders").max_bytes(room);
        bus.ensure_bucket(&bucket).await.expect("a bucket");
        let message = Outgoing {
            subject: "$KV.orders.a".into(),
            headers: crate::Headers::new(),
            payload: Bytes::from_static(b"{}"),
            message_id: "1".into(),
            stream: "KV_orders",
            expected_last_subject_sequence: None,
            expected_filter: None,
            claim_check_above: None,
            is_new: true,
        };
        (bus, message)
    }

    async fn after(
        bus: &Tidings,
        message: Outgoing,
        first: BrokerError,
    ) -> Result<Published, PublishError> {
        finish(bus, "orders.order.created", message, Instant::now(), Attempt::Refused(first)).await
    }

    #[tokio::test(start_paused = true)]
    async fn one_of_several_that_were_answered_as_one_is_stored_once() {
        let (bus, message) = message(1000).await;
        let stored = after(&bus, message.clone(), BrokerError::Mixed).await.expect("stored");
        assert_eq!((stored.sequence, stored.duplicate), (Some(1), false));
        let again = after(&bus, message.clone(), BrokerError::Mixed).await.expect("stored");
        assert_eq!((again.sequence, again.duplicate), (None, false), "nobody else has its id");
        let given = Outgoing { is_new: false, ..message };
        assert!(after(&bus, given, BrokerError::Mixed).await.expect("stored").duplicate);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_may_be_stored_is_not_called_refused_until_it_is_refused_by_itself() {
        let nowhere = BrokerError::NoStream("a".into());
        for (first, is_unknown) in [(BrokerError::Mixed, true), (nowhere, false)] {
            let (bus, message) = message(1000).await;
            let message = Outgoing { subject: "a".into(), ..message };
            let error = after(&bus, message, first).await.expect_err("there is no stream");
            assert_eq!(error.is_unknown(), is_unknown, "{error}");
        }
        let (bus, message) = message(10).await;
        let error = after(&bus, message, BrokerError::Mixed).await.expect_err("no room");
        assert!(!error.is_unknown(), "{error}");
    }
}
