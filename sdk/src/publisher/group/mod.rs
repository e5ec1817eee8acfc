//! Group commit: what waits for the same stream is stored together.
//!
//! A server that syncs its disk before each word does so once for an atomic batch. So while something is on its way to a stream,
//! whatever comes meanwhile stands in line, and goes as the next group. There is no timer: what finds nothing on its way goes
//! at once, by itself. Above this, nobody can tell: each message has a word of its own, and is sent again by itself.

mod commit;
mod line;
mod turn;
mod word;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use self::line::{Line, PATIENCE};
pub(super) use self::turn::Turn;
use self::word::Tell;
pub(crate) use self::word::Word;
use crate::broker::{ConnectionState, Outgoing, Soon};
use crate::{BrokerError, Tidings};

/// The lines of a connection, one a stream.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    on: AtomicBool,
    shared: Mutex<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    lines: HashMap<&'static str, Arc<Line>>,
    /// Whether the server of this connection gains by it.
    gains: Option<(ConnectionState, bool)>,
}

impl Groups {
    pub(crate) fn set(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    pub(crate) fn are_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// The line of a stream, where there is to be one.
    fn line(&self, bus: &Tidings, stream: &'static str) -> Option<Arc<Line>> {
        if !self.are_on() {
            return None;
        }
        let connection = bus.broker().connection_state();
        let mut shared = self.shared();
        let gains = match (shared.gains, connection) {
            (Some((of, gains)), _) if of == connection => gains,
            (_, ConnectionState::Connected(_)) => {
                let gains = bus.broker().syncs_once_a_batch();
                if !gains {
                    tracing::warn!("group commit takes nats-server 2.15: events go one by one");
                }
                shared.gains = Some((connection, gains));
                gains
            }
            // As it was.
            (before, _) => before.is_some_and(|(_, gains)| gains),
        };
        gains.then(|| Arc::clone(shared.lines.entry(stream).or_default()))
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends a message once, by itself or with others. Returns when it is on its way or in line; `tell` is told its word, once. An
/// error before that says that nothing was sent, and nothing is told. `tell` must not block.
pub(super) fn post(
    bus: &Tidings,
    message: &Outgoing,
    tell: impl FnOnce(Word) + Send + 'static,
) -> Soon<Result<(), BrokerError>> {
    match bus.groups().line(bus, message.stream) {
        None => bus.broker().post(message, |stored| tell(Word::Heard(stored))),
        Some(line) => stand(bus, line, message, Tell::call(tell)),
    }
}

/// The same, with a future of the word.
pub(crate) fn send(
    bus: &Tidings,
    message: &Outgoing,
) -> Soon<Result<impl Future<Output = Word> + Send + use<>, BrokerError>> {
    use futures_util::future::{Either, FutureExt as _};
    match bus.groups().line(bus, message.stream) {
        None => {
            let sent = bus.broker().send(message);
            sent.map(|sent| sent.map(|stored| Either::Left(stored.map(Word::Heard))))
        }
        Some(line) => {
            let (tell, word) = oneshot::channel();
            let closed = |_| Word::Heard(Err(BrokerError::Closed));
            let told = word.map(move |word| word.unwrap_or_else(closed));
            let sent = stand(bus, line, message, Tell::waiter(tell));
            sent.map(|sent| sent.map(|()| Either::Right(told)))
        }
    }
}

/// Waits until what came before for a stream has its word, but not for long, so that what is sent by other ways keeps its place.
/// Whatever comes later waits until the turn is over.
pub(super) async fn turn(bus: &Tidings, stream: &'static str) -> Option<Turn> {
    let line = bus.groups().line(bus, stream)?;
    match line.wait_for_turn() {
        None => Some(Turn::new(bus, line)),
        Some(turn) => tokio::time::timeout(PATIENCE, turn).await.ok()?.ok(),
    }
}

fn stand(
    bus: &Tidings,
    line: Arc<Line>,
    message: &Outgoing,
    tell: Tell,
) -> Soon<Result<(), BrokerError>> {
    // It stands in line, or is the first.
    let Some(tell) = line.stand(message, tell, || is_for_groups(bus, message)) else {
        return Soon::now(Ok(()));
    };
    let turn = Turn::new(bus, line);
    let heard = move |stored| {
        tell.tell(Word::Heard(stored));
        drop(turn);
    };
    bus.broker().post(message, heard)
}

/// Whether others may be stored together with it: what expects something fails alone, and batches do not take every header of the
/// server's own.
fn is_for_groups(bus: &Tidings, message: &Outgoing) -> bool {
    let is_plain = |(name, _): (&str, &str)| !name.to_ascii_lowercase().starts_with("nats-");
    message.expected_last_subject_sequence.is_none()
        && message.headers.iter().all(is_plain)
        && bus.broker().takes(message, 0)
}
