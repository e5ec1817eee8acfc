//! Writing once, whatever happens to the answers.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::bucket::OPERATION;
use super::{Bucket, KvError, name};
use crate::broker::{MESSAGE_ID, Outgoing};
use crate::headers::Headers;
use crate::{BrokerError, retry};

/// How long a change is tried. Within it a second copy is known by its id, unless the bucket forgets sooner.
const DEADLINE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// JetStream's code for what does not fit.
const FULL: u64 = 10077;
/// Removes what came before on the same subject.
const ROLLUP: &str = "Nats-Rollup";

/// What becomes of a key.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Value(Bytes),
    Delete,
    Purge,
}

/// Makes a change where the key's last one has the expected revision, and returns the new one.
pub(super) async fn write(
    bucket: &Bucket,
    key: &str,
    change: Change,
    expected: Option<u64>,
) -> Result<u64, KvError> {
    let message = message(bucket, key, change, expected)?;
    let deadline = Instant::now() + DEADLINE;
    let mut attempts = 1;
    // Once one attempt went unanswered, nobody knows that nothing is written, whatever a later one is told.
    let mut unanswered = false;
    loop {
        let error = match bucket.broker().send(&message).await {
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
        let unknown = |source| KvError::Unknown { key: key.to_owned(), source };
        let mut in_flight = false;
        if let BrokerError::Conflict { actual } = error {
            let last = match bucket.last(&message.subject).await {
                Err(KvError::Broker { source, .. }) if unanswered => return Err(unknown(source)),
                Err(KvError::Broker { source: BrokerError::Denied(_), .. }) => actual,
                last => {
                    let last = last?;
                    if last.as_ref().and_then(|last| last.headers.get(MESSAGE_ID))
                        == Some(&message.message_id)
                    {
                        return Ok(last.map_or(0, |last| last.sequence));
                    }
                    Some(last.map_or(0, |last| last.sequence))
                }
            };
            // Another change is on its way, and may yet be lost with its leader.
            in_flight = last.is_none() || last == expected;
            match last {
                Some(revision) if !in_flight && !unanswered => {
                    return Err(KvError::Conflict { key: key.to_owned(), revision });
                }
                // Ours may have been there, and have been overwritten since.
                Some(_) if !in_flight => return Err(unknown(error)),
                _ => {}
            }
        }
        let pause = retry::doubling(FIRST_PAUSE, LONGEST_PAUSE, attempts);
        // A bucket that is full stays full: it removes nothing by itself.
        let full = matches!(error, BrokerError::Refused { code: FULL, .. });
        if full || !(in_flight || error.is_transient()) || Instant::now() + pause >= deadline {
            return Err(match unanswered {
                true => unknown(error),
                false => bucket.broker_error(error),
            });
        }
        tokio::time::sleep(pause).await;
        attempts += 1;
    }
}

fn message(
    bucket: &Bucket,
    key: &str,
    change: Change,
    expected: Option<u64>,
) -> Result<Outgoing, KvError> {
    let mut headers = Headers::new();
    let payload = match change {
        Change::Value(value) => value,
        Change::Delete => {
            headers.push_received(OPERATION, "DEL".to_owned());
            Bytes::new()
        }
        Change::Purge => {
            headers.push_received(OPERATION, "PURGE".to_owned());
            headers.push_received(ROLLUP, "sub".to_owned());
            Bytes::new()
        }
    };
    Ok(Outgoing {
        subject: name::subject(&bucket.name, key)?,
        headers,
        payload,
        message_id: uuid::Uuid::now_v7().to_string(),
        stream: bucket.stream,
        expected_last_subject_sequence: expected,
        expected_filter: None,
    })
}
