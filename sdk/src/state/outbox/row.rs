//! An event as a row: its messages as they are sent, so that the relay needs none of its types.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::names;
use crate::broker::Outgoing;
use crate::message::headers::Headers;
use crate::publisher::Batch;

/// Parts of the outbox that one relay works on by itself. A number in the tables' first version: it never changes.
pub(super) const SHARDS: u16 = 16;

/// Stands among the headers of a row, and is none of them: above which size the payload is put aside.
const CLAIM_CHECK: &str = "Tidings-Claim-Check-Above";

/// An event on its way into the outbox.
#[derive(Debug)]
pub(super) struct Entry {
    /// What stays in order: the stream and the key, as a hash. Two keys of one hash wait for each other, and no harm is done.
    pub(super) lane: i64,
    pub(super) shard: i64,
    pub(super) event_id: String,
    pub(super) event_type: &'static str,
    pub(super) stream: &'static str,
    pub(super) subject: String,
    pub(super) headers: String,
    pub(super) payload: Bytes,
    /// The copies in older versions; mostly none.
    pub(super) copies: Option<String>,
}

/// A row that waits to be relayed.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: i64,
    pub(super) lane: i64,
    pub(super) shard: i64,
    pub(super) event_id: String,
    pub(super) event_type: String,
    pub(super) stream: &'static str,
    /// What is left to be sent, or why it cannot be.
    pub(super) messages: Result<Vec<Outgoing>, String>,
    /// When it was stored, or a little later.
    pub(super) stored: Instant,
    /// Whether a copy may have been sent that nobody has heard of.
    pub(super) suspect: bool,
}

/// The columns of a row as they are read.
pub(super) struct Columns {
    pub(super) id: i64,
    pub(super) lane: i64,
    pub(super) shard: i64,
    pub(super) event_id: String,
    pub(super) event_type: String,
    pub(super) stream: String,
    pub(super) subject: String,
    pub(super) headers: String,
    pub(super) payload: Vec<u8>,
    pub(super) copies: Option<String>,
    /// Milliseconds since it was stored, by the database's clock.
    pub(super) age: i64,
    /// Whether some of it may have been sent.
    pub(super) suspect: bool,
}

/// A copy in an older version.
#[derive(Serialize, Deserialize)]
struct Copy {
    id: String,
    stream: String,
    subject: String,
    headers: Vec<(String, String)>,
    payload: String,
}

impl Entry {
    pub(super) fn of(batch: Batch, key: Option<&str>) -> serde_json::Result<Self> {
        let event_type = batch.event_type;
        let (event, copies) = batch.into_parts();
        let copies: Vec<Copy> = copies.into_iter().map(Copy::of).collect();
        let copies = match copies.as_slice() {
            [] => None,
            copies => Some(serde_json::to_string(copies)?),
        };
        let headers = serde_json::to_string(&pairs(&event))?;
        let (lane, shard) = lane(event.stream, key, &event.message_id);
        let Outgoing { subject, payload, message_id: event_id, stream, .. } = event;
        Ok(Self {
            lane,
            shard,
            event_id,
            event_type,
            stream,
            subject: subject.into_string(),
            headers,
            payload,
            copies,
        })
    }
}

impl Waiting {
    /// Bytes of what is to be sent.
    pub(super) fn size(&self) -> usize {
        self.messages.iter().flatten().map(|message| message.payload.len()).sum()
    }
}

impl From<Columns> for Waiting {
    fn from(row: Columns) -> Self {
        let stream = names::of_process(&row.stream);
        let age = Duration::from_millis(row.age.max(0).unsigned_abs());
        let now = Instant::now();
        Self {
            id: row.id,
            lane: row.lane,
            shard: row.shard,
            stream,
            stored: now.checked_sub(age).unwrap_or(now),
            suspect: row.suspect,
            event_id: row.event_id.clone(),
            event_type: row.event_type.clone(),
            messages: messages(stream, row)
                .map_err(|error| format!("the row cannot be read: {error}")),
        }
    }
}

fn messages(stream: &'static str, row: Columns) -> serde_json::Result<Vec<Outgoing>> {
    let (headers, claim_check_above) = headers(serde_json::from_str(&row.headers)?);
    let event = Outgoing {
        subject: row.subject.into(),
        headers,
        payload: row.payload.into(),
        message_id: row.event_id,
        stream,
        expected_last_subject_sequence: None,
        expected_filter: None,
        claim_check_above,
        is_new: false,
    };
    let Some(copies) = row.copies else { return Ok(vec![event]) };
    let copies: Vec<Copy> = serde_json::from_str(&copies)?;
    let copies = copies.into_iter().map(Copy::message).collect::<Result<_, _>>()?;
    Ok(Batch::new(names::of_process(&row.event_type), event, copies).into_messages())
}

/// The headers of a message as they are kept, and among them what else has to be known of it.
fn pairs(message: &Outgoing) -> Vec<(String, String)> {
    let headers = message.headers.iter();
    let claim_check =
        message.claim_check_above.map(|above| (CLAIM_CHECK.to_owned(), above.to_string()));
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).chain(claim_check).collect()
}

/// The headers of a message, and above which size its payload is put aside.
fn headers(pairs: Vec<(String, String)>) -> (Headers, Option<u64>) {
    let (mut headers, mut claim_check_above) = (Headers::new(), None);
    for (name, value) in pairs {
        match name.as_str() {
            CLAIM_CHECK => claim_check_above = value.parse().ok(),
            // They were checked when they were written.
            _ => headers.push_received(name, value),
        }
    }
    (headers, claim_check_above)
}

impl Copy {
    fn of(message: Outgoing) -> Self {
        Self {
            headers: pairs(&message),
            id: message.message_id,
            stream: message.stream.to_owned(),
            subject: message.subject.into_string(),
            payload: STANDARD.encode(&message.payload),
        }
    }

    fn message(self) -> serde_json::Result<Outgoing> {
        let payload = STANDARD.decode(&self.payload).map_err(serde::de::Error::custom)?;
        let (headers, claim_check_above) = headers(self.headers);
        Ok(Outgoing {
            subject: self.subject.into(),
            headers,
            payload: payload.into(),
            message_id: self.id,
            stream: names::of_process(&self.stream),
            expected_last_subject_sequence: None,
            expected_filter: None,
            claim_check_above,
            is_new: false,
        })
    }
}

/// The lane of a key within its stream, and the shard that it belongs to. Without a key there is nothing to keep in order,
/// and each event has a lane of its own.
///
/// The hash is 64-bit FNV-1a. Rows outlive processes: it never changes.
fn lane(stream: &str, key: Option<&str>, id: &str) -> (i64, i64) {
    let (kind, name) = match key {
        Some(key) => ([0, b'k'], key),
        None => ([0, b'i'], id),
    };
    let bytes = stream.bytes().chain(kind).chain(name.bytes());
    let fold = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, fold);
    (hash.cast_signed(), (hash % u64::from(SHARDS)).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, subject: &str) -> Outgoing {
        let mut headers = Headers::new();
        headers.insert("Content-Type", "application/json").expect("a header");
        Outgoing {
            subject: subject.into(),
            headers,
            payload: Bytes::from_static(b"{\"a\":\"\xc3\xa4\"}"),
            message_id: id.to_owned(),
            stream: "ORDERS",
            expected_last_subject_sequence: None,
            expected_filter: None,
            claim_check_above: Some(7),
            is_new: false,
        }
    }

    #[test]
    fn an_event_comes_out_as_it_went_in_with_its_copies_in_their_places() {
        for (copies, order) in [
            (vec![], vec!["new"]),
            (vec![message("old", "a.b")], vec!["old", "new"]),
            (vec![message("old", "a.b.v1")], vec!["new", "old"]),
        ] {
            let batch = || Batch::new("a.b", message("new", "a.b"), copies.clone());
            let sent = batch().into_messages();
            let entry = Entry::of(batch(), Some("o-1")).expect("text");
            let waiting = Waiting::from(Columns {
                id: 1,
                lane: entry.lane,
                shard: entry.shard,
                event_id: entry.event_id,
                event_type: entry.event_type.to_owned(),
                stream: entry.stream.to_owned(),
                subject: entry.subject,
                headers: entry.headers,
                payload: entry.payload.to_vec(),
                copies: entry.copies,
                age: 0,
                suspect: false,
            });
            let read = waiting.messages.expect("readable");
            assert_eq!(format!("{read:?}"), format!("{sent:?}"));
            assert!(read.iter().all(|message| message.claim_check_above == Some(7)));
            let ids: Vec<_> = read.into_iter().map(|message| message.message_id).collect();
            assert_eq!(ids, order);
        }
    }

    #[test]
    fn a_lane_stays_what_it_is() {
        assert_eq!(lane("ORDERS", Some("o-1"), "7"), lane("ORDERS", Some("o-1"), "8"));
        assert_ne!(lane("ORDERS", Some("o-1"), "7").0, lane("OTHERS", Some("o-1"), "7").0);
        assert_ne!(lane("ORDERS", None, "7").0, lane("ORDERS", None, "8").0);
        assert_eq!(
            lane("ORDERS", Some("o-1"), ""),
            (-4_306_450_063_865_283_056, 0),
            "as it was released"
        );
    }
}
