//! Messages that go to their stream together, and what each of them is told.

use std::iter::zip;

use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt as _, stream};

use super::line::{Line, Member, PATIENCE};
use super::word::{Tell, Word};
use crate::broker::{DUPLICATE_IN_BATCH, Outgoing, Stored};
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
    let mut commit = Commit::of(bus, &messages).await;
    if let Commit::Refused(BrokerError::Refused { code: DUPLICATE_IN_BATCH, .. }) = commit {
        (messages, tells) = split(unknown(bus, zip(messages, tells)).await);
        if messages.len() > 1 {
            commit = Commit::of(bus, &messages).await;
        }
    }
    match commit {
        Commit::EndingWith(last) => {
            let first = last + 1 - messages.len() as u64;
            for (sequence, tell) in zip(first.., tells) {
                tell.tell(Word::Heard(Ok(Stored { sequence, duplicate: false })));
            }
        }
        Commit::Unanswered(error) => {
            tells.into_iter().for_each(|tell| tell.tell(Word::Heard(Err(error.clone()))));
        }
        Commit::Unsent(error) => {
            tells.into_iter().for_each(|tell| tell.tell(Word::Unsent(error.clone())));
        }
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
pub(super) fn none(members: Vec<Member>) {
    let late = || Word::Unsent(BrokerError::TimedOut(PATIENCE));
    members.into_iter().for_each(|member| member.tell.tell(late()));
}

/// Sends messages one right behind the other, and waits until each has its word.
pub(super) async fn each(bus: &Tidings, members: Vec<Member>) {
    let words = FuturesUnordered::new();
    for Member { message, tell } in members {
        match bus.broker().send(&message).await {
            Ok(stored) => words.push(async { tell.tell(Word::Heard(stored.await)) }),
            Err(error) => tell.tell(Word::Unsent(error)),
        }
    }
    words.collect::<()>().await;
}

impl Commit {
    async fn of(bus: &Tidings, messages: &[Outgoing]) -> Self {
        let is_lost =
            |error: &BrokerError| error.is_unreachable() || matches!(error, BrokerError::Closed);
        match bus.broker().send_atomically(messages).await {
            Ok(word) => match word.await {
                Ok(stored) => Self::EndingWith(stored.sequence),
                Err(error) if is_lost(&error) => Self::Unanswered(error),
                Err(error) => Self::Refused(error),
            },
            Err(error) if is_lost(&error) => Self::Unsent(error),
            Err(error) => Self::Refused(error),
        }
    }
}

/// Tells those that the stream knows; the others are left. What it knows costs the disk nothing, so they need not pay for
/// it.
async fn unknown(bus: &Tidings, members: impl Iterator<Item = (Outgoing, Tell)>) -> Vec<Member> {
    let asked = members.map(async |(message, tell)| {
        match bus.broker().remembered(&message).await {
            // One that is still on its way has no place.
            Ok(Some(sequence)) if sequence > 0 => {
                tell.tell(Word::Heard(Ok(Stored { sequence, duplicate: true })));
                None
            }
            _ => Some(Member { message, tell }),
        }
    });
    let left = stream::iter(asked).buffered(ASKED_AT_ONCE);
    left.filter_map(std::future::ready).collect().await
}

fn split(members: Vec<Member>) -> (Vec<Outgoing>, Vec<Tell>) {
    members.into_iter().map(|Member { message, tell }| (message, tell)).unzip()
}

fn join(messages: Vec<Outgoing>, tells: Vec<Tell>) -> Vec<Member> {
    zip(messages, tells).map(|(message, tell)| Member { message, tell }).collect()
}
