//! Messages that go to their stream together, and what each of them is told.

use std::iter::zip;
use std::sync::OnceLock;

use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::line::{Line, Member, PATIENCE};
use super::word::{Tell, Word};
use crate::broker::{DUPLICATE_IN_BATCH, Outgoing, Scattered, Stored};
use crate::{BrokerError, Tidings};

/// How many ids the stream is asked for at once.
const ASKED_AT_ONCE: usize = 256;

/// JetStream's codes for a batch where the stream takes none, or none with so many messages.
const NO_BATCHES: u64 = 10174;
const TOO_MANY: u64 = 10199;

/// What came of a group.
enum Commit {
    /// All are stored, side by side.
    EndingWith(u64),
    /// There is no word: they may be stored.
    Unanswered(BrokerError),
    /// They were not sent, and nobody can be asked now.
    Unsent(BrokerError),
    /// None of them is stored.
    Refused(BrokerError),
}

/// Sends messages all or not at all, and where they are refused, each by itself: one that cannot be stored, or was stored before,
/// takes nothing from the others.
pub(super) async fn together(bus: &Tidings, line: &Line, members: Vec<Member>) {
    let (mut messages, mut tells) = split(members);
    let mut commit = Commit::of(bus, line, &messages).await;
    if let Commit::Refused(BrokerError::Refused { code: DUPLICATE_IN_BATCH, .. }) = commit {
        (messages, tells) = split(unknown(bus, join(messages, tells)).await);
        if messages.len() > 1 {
            commit = Commit::of(bus, line, &messages).await;
        }
    }
    match commit {
        Commit::EndingWith(last) => {
            let first = (last + 1).saturating_sub(messages.len() as u64);
            for (sequence, (tell, _)) in zip(first.., tells) {
                tell.tell(Word::Heard(Ok(Stored { sequence, duplicate: false })));
            }
        }
        Commit::Unanswered(error) => {
            if let BrokerError::Scattered = &error {
                line.is_refused();
            }
            tells.into_iter().for_each(|(tell, _)| tell.tell(Word::Heard(Err(error.clone()))));
        }
        Commit::Unsent(error) => unsent(join(messages, tells), &error),
        Commit::Refused(error) => {
            if let BrokerError::Refused { code: NO_BATCHES | TOO_MANY, .. } = &error {
                line.is_refused();
            }
            tracing::debug!(messages = messages.len(), %error, "they go one by one");
            each(bus, join(messages, tells)).await;
        }
    }
}

/// Sends nothing: they have waited for too long.
pub(super) fn late(members: Vec<Member>) {
    unsent(members, &BrokerError::TimedOut(PATIENCE));
}

fn unsent(members: impl IntoIterator<Item = Member>, error: &BrokerError) {
    members.into_iter().for_each(|member| member.tell.tell(Word::Unsent(error.clone())));
}

/// Sends messages one right behind the other, and waits until each has its word. Once the broker cannot be reached, the rest does
/// not wait for it one after the other.
pub(super) async fn each(bus: &Tidings, members: Vec<Member>) {
    let words = FuturesUnordered::new();
    let mut members = members.into_iter();
    while let Some(member) = members.next() {
        let Some(Member { message, tell, .. }) = in_time(member) else { continue };
        match bus.broker().send(&message).await {
            Ok(stored) => words.push(async { tell.tell(Word::Heard(stored.await)) }),
            Err(error) => {
                if is_lost(&error) {
                    unsent(members.by_ref(), &error);
                }
                tell.tell(Word::Unsent(error));
            }
        }
    }
    words.collect::<()>().await;
}

/// A member that is still to be sent; who has waited for too long is told so.
fn in_time(member: Member) -> Option<Member> {
    if member.is_late() {
        late(vec![member]);
        return None;
    }
    Some(member).filter(|member| member.tell.is_awaited())
}

/// Whether nobody was there to say yes or no.
fn is_lost(error: &BrokerError) -> bool {
    error.is_unreachable() || matches!(error, BrokerError::Closed)
}

impl Commit {
    async fn of(bus: &Tidings, line: &Line, messages: &[Outgoing]) -> Self {
        let connection = bus.broker().connection_state();
        // An older leader stores each by itself, and says of the last alone what has become of it.
        let scattered = match line.takes(connection) {
            true => Scattered::Unlikely,
            false => Scattered::Possible,
        };
        let commit = match bus.broker().send_atomically(messages, scattered).await {
            Ok(word) => match word.await {
                Ok(stored) => Self::EndingWith(stored.sequence),
                Err(error) if is_lost(&error) => Self::Unanswered(error),
                Err(error) => Self::Refused(error),
            },
            Err(error) if is_lost(&error) => Self::Unsent(error),
            Err(error) => Self::Refused(error),
        };
        line.has_taken(Some(connection).filter(|_| matches!(commit, Self::EndingWith(_))));
        commit
    }
}

/// Tells those that the stream knows; the others are left, where they are still in time. What it knows costs the disk nothing, so
/// they need not pay for it.
async fn unknown(bus: &Tidings, members: Vec<Member>) -> Vec<Member> {
    // Once the broker cannot be reached, it is asked no more.
    let lost = OnceLock::new();
    let asked = members.into_iter().map(async |member| {
        if let Some(error) = lost.get() {
            unsent([member], error);
            return None;
        }
        match bus.broker().remembered(&member.message).await {
            // One that is still on its way has no place.
            Ok(Some(sequence)) if sequence > 0 => {
                member.tell.tell(Word::Heard(Ok(Stored { sequence, duplicate: true })));
                None
            }
            Err(error) if is_lost(&error) => {
                unsent([member], lost.get_or_init(|| error));
                None
            }
            _ => Some(member),
        }
    });
    let left = stream::iter(asked).buffered(ASKED_AT_ONCE);
    let left: Vec<Member> = left.filter_map(std::future::ready).collect().await;
    left.into_iter().filter_map(in_time).collect()
}

/// Who is told, and since when he waits.
type Waiter = (Tell, Instant);

fn split(members: Vec<Member>) -> (Vec<Outgoing>, Vec<Waiter>) {
    let parts = |Member { message, tell, since }| (message, (tell, since));
    members.into_iter().map(parts).unzip()
}

fn join(messages: Vec<Outgoing>, tells: Vec<Waiter>) -> Vec<Member> {
    zip(messages, tells).map(|(message, (tell, since))| Member { message, tell, since }).collect()
}
