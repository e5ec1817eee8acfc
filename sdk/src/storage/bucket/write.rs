use std::time::Duration;

use tokio::time::Instant;

use crate::broker::{Broker, Outgoing};
use crate::{BrokerError, resilience::retry};

/// How long a message is tried. Within it a second copy is known by its id, unless the bucket forgets sooner.
const DEADLINE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// JetStream's code for what does not fit.
const FULL: u64 = 10077;

/// A message was not written, or nobody knows.
#[derive(Debug)]
pub(crate) enum Unwritten<E> {
    /// It met a conflict, which was judged.
    Conflict(E),
    /// It was given up.
    Failed {
        /// What came of the last attempt.
        error: BrokerError,
        /// Whether an attempt went without an answer, so that it may be written.
        unanswered: bool,
    },
}

/// What a conflict means.
pub(crate) enum Judged<E> {
    /// The message is there, at this place.
    Written(u64),
    /// Another is on its way, and may yet be lost with its leader.
    InFlight,
    /// Trying again changes nothing.
    Final(E),
}

/// Writes a message, trying again as long as there may be a word, and returns its place. A conflict is judged by what its
/// server says is there, and by whether an attempt went unanswered.
pub(crate) async fn write<E, F: Future<Output = Judged<E>>>(
    broker: &Broker,
    message: &Outgoing,
    judge: impl Fn(Option<u64>, bool) -> F,
) -> Result<u64, Unwritten<E>> {
    let deadline = Instant::now() + DEADLINE;
    let mut attempts = 1;
    // Once one attempt went unanswered, nobody knows that nothing is written, whatever a later one is told.
    let mut unanswered = false;
    loop {
        let error = match broker.send(message).await {
            Ok(word) => match word.await {
                // A server that is still at it calls the second copy a duplicate of nothing.
                Ok(stored) if stored.sequence > 0 => return Ok(stored.sequence),
                Ok(_) => BrokerError::Unavailable("the first copy is being written".into()),
                Err(error) => {
                    unanswered |= error.is_unreachable() || matches!(error, BrokerError::Closed);
                    error
                }
            },
            Err(error) => error,
        };
        let mut in_flight = false;
        if let BrokerError::Conflict { actual } = error {
            match judge(actual, unanswered).await {
                Judged::Written(place) => return Ok(place),
                Judged::InFlight => in_flight = true,
                Judged::Final(error) => return Err(Unwritten::Conflict(error)),
            }
        }
        let pause = retry::doubling(FIRST_PAUSE, LONGEST_PAUSE, attempts);
        // A bucket that is full stays full: it removes nothing by itself.
        let full = matches!(error, BrokerError::Refused { code: FULL, .. });
        if full || !(in_flight || error.is_transient()) || Instant::now() + pause >= deadline {
            return Err(Unwritten::Failed { error, unanswered });
        }
        tokio::time::sleep(pause).await;
        attempts += 1;
    }
}
