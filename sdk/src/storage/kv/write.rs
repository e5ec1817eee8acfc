//! Writing once, whatever happens to the answers.

use bytes::Bytes;

use super::bucket::OPERATION;
use super::{Bucket, KvError, name};
use crate::BrokerError;
use crate::broker::{MESSAGE_ID, Outgoing, ROLLUP};
use crate::message::headers::Headers;
use crate::storage::bucket::{self, Judged, Unwritten};

/// What becomes of a key.
#[derive(Clone)]
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
    let judge = |actual, unanswered| judged(bucket, key, &message, actual, unanswered);
    let written = bucket::write(bucket.broker(), &message, judge).await;
    written.map_err(|unwritten| match unwritten {
        Unwritten::Conflict(error) => error,
        Unwritten::Failed { error, unanswered: false } => bucket.broker_error(error),
        Unwritten::Failed { error, unanswered: true } => {
            KvError::Unknown { key: key.to_owned(), source: error }
        }
    })
}

/// What the last change of a key means for one that met a conflict.
async fn judged(
    bucket: &Bucket,
    key: &str,
    message: &Outgoing,
    actual: Option<u64>,
    unanswered: bool,
) -> Judged<KvError> {
    let unknown = |source| KvError::Unknown { key: key.to_owned(), source };
    let last = match bucket.last(&message.subject).await {
        Err(KvError::Broker { source, .. }) if unanswered => return Judged::Final(unknown(source)),
        Err(KvError::Broker { source: BrokerError::Denied(_), .. }) => actual,
        Err(error) => return Judged::Final(error),
        Ok(last) => {
            let id = last.as_ref().and_then(|last| last.headers.get(MESSAGE_ID));
            let is_own = id == Some(&message.message_id);
            let place = last.map_or(0, |last| last.sequence);
            if is_own {
                return Judged::Written(place);
            }
            Some(place)
        }
    };
    match last {
        Some(revision) if last != message.expected_last_subject_sequence => {
            Judged::Final(match unanswered {
                // Ours may have been there, and have been overwritten since.
                true => unknown(BrokerError::Conflict { actual }),
                false => KvError::Conflict { key: key.to_owned(), revision },
            })
        }
        // Another change is on its way, and may yet be lost with its leader.
        _ => Judged::InFlight,
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
        subject: name::subject(&bucket.name, key)?.into(),
        headers,
        payload,
        message_id: uuid::Uuid::now_v7().to_string(),
        stream: bucket.stream,
        expected_last_subject_sequence: expected,
        expected_filter: None,
        claim_check_above: None,
        is_new: false,
    })
}
