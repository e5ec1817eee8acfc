//! JetStream's request and reply interface, in JSON.
//!
//! Answers stay untyped where they are read, changed and written back, so that fields of a newer server survive.

use std::time::Duration;

use async_nats::Subject;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answers::Asked;
use super::{ANSWER, JetStream};
use crate::broker::{BrokerError, StoredMessage};
use crate::message::headers::Headers;

/// Error codes of JetStream that the runtime tells apart.
pub(super) const CONSUMER_NAME_IN_USE: u64 = 10013;
pub(super) const CONSUMER_NOT_FOUND: u64 = 10014;
pub(super) const MESSAGE_NOT_FOUND: u64 = 10037;
pub(super) const NO_SUCH_SEQUENCE: u64 = 10043;
pub(super) const STREAM_NAME_IN_USE: u64 = 10058;
pub(super) const STREAM_NOT_FOUND: u64 = 10059;
pub(super) const CONSUMER_EXISTS: u64 = 10148;

/// Calls `$JS.API.<method>`.
pub(super) async fn call(
    broker: &JetStream,
    method: &str,
    request: &Value,
) -> Result<Value, BrokerError> {
    let payload = if request.is_null() { Bytes::new() } else { request.to_string().into() };
    let answer = self::request(broker, format!("$JS.API.{method}"), payload, ANSWER).await?;
    let answer: Value = serde_json::from_slice(&answer).map_err(|error| BrokerError::Refused {
        code: 0,
        description: format!("the answer of `{method}` is not JSON: {error}"),
    })?;
    match answer.get("error") {
        None => Ok(answer),
        Some(error) => Err(BrokerError::Refused {
            code: error["err_code"].as_u64().unwrap_or_default(),
            description: error["description"].as_str().unwrap_or("no description").to_owned(),
        }),
    }
}

/// What a refusal means.
pub(super) fn refusal(code: u64, description: String) -> BrokerError {
    match code {
        // Another message came first: on one server, and while replicating. The first says which one.
        10071 | 10164 => {
            let place = description.strip_prefix("wrong last sequence: ").unwrap_or_default();
            let digits = place.find(|c: char| !c.is_ascii_digit()).unwrap_or(place.len());
            BrokerError::Conflict { actual: place[..digits].parse().ok() }
        }
        code => BrokerError::Refused { code, description },
    }
}

/// Sends a request and waits for its answer, never longer than `patience`.
pub(super) async fn request(
    broker: &JetStream,
    subject: impl Into<Subject>,
    payload: Bytes,
    patience: Duration,
) -> Result<Bytes, BrokerError> {
    let asked = Asked { subject: subject.into(), headers: None, payload };
    let answer = broker.answer(asked, patience).await;
    answer.map(|message| message.payload).map_err(unanswered)
}

/// Where nobody answers a request, that passes.
pub(super) fn unanswered(error: BrokerError) -> BrokerError {
    match error {
        BrokerError::NoStream(subject) => {
            BrokerError::Unavailable(format!("nobody answers on `{subject}`"))
        }
        error => error,
    }
}

/// Which message of a stream is wanted.
pub(super) enum Which<'a> {
    /// The first of at least this sequence that the filter matches.
    Next { filter: &'a str, from: u64 },
    /// The last on a subject.
    Last { subject: &'a str },
    /// The one at this place.
    At { sequence: u64 },
}

/// A message as it lies in its stream, its headers as they were sent.
pub(super) struct RawMessage {
    pub(super) headers: Vec<u8>,
    pub(super) subject: String,
    payload: Bytes,
    pub(super) sequence: u64,
    time: jiff::Timestamp,
}

impl From<RawMessage> for StoredMessage {
    fn from(raw: RawMessage) -> Self {
        Self {
            subject: raw.subject.into(),
            headers: parse_headers(&raw.headers),
            payload: raw.payload,
            sequence: raw.sequence,
            time: raw.time,
        }
    }
}

/// Reads a message from its stream.
pub(super) async fn stored_message(
    broker: &JetStream,
    stream: &str,
    which: &Which<'_>,
) -> Result<Option<StoredMessage>, BrokerError> {
    raw_message(broker, stream, which).await.map(|found| found.map(StoredMessage::from))
}

/// Reads a message from its stream. Headers come in base64, so that malformed ones reach us and harm nobody.
pub(super) async fn raw_message(
    broker: &JetStream,
    stream: &str,
    which: &Which<'_>,
) -> Result<Option<RawMessage>, BrokerError> {
    #[derive(Deserialize)]
    struct Raw {
        subject: String,
        seq: u64,
        time: jiff::Timestamp,
        #[serde(default)]
        hdrs: String,
        #[serde(default)]
        data: String,
    }

    let request = match which {
        Which::Next { filter, from } => json!({ "next_by_subj": filter, "seq": from }),
        Which::Last { subject } => json!({ "last_by_subj": subject }),
        Which::At { sequence } => json!({ "seq": sequence }),
    };
    let mut answer = match call(broker, &format!("STREAM.MSG.GET.{stream}"), &request).await {
        Ok(answer) => answer,
        Err(BrokerError::Refused { code: MESSAGE_NOT_FOUND, .. }) => return Ok(None),
        Err(BrokerError::Refused { code: STREAM_NOT_FOUND, .. }) => {
            return Err(BrokerError::StreamMissing(stream.to_owned()));
        }
        Err(error) => return Err(error),
    };
    let unreadable = |reason: String| BrokerError::Refused {
        code: 0,
        description: format!("a message of `{stream}` cannot be read: {reason}"),
    };
    let raw: Raw = serde_json::from_value(answer["message"].take())
        .map_err(|error| unreadable(error.to_string()))?;
    let decode =
        |text: &str| BASE64_STANDARD.decode(text).map_err(|error| unreadable(error.to_string()));
    Ok(Some(RawMessage {
        headers: decode(&raw.hdrs)?,
        subject: raw.subject,
        payload: decode(&raw.data)?.into(),
        sequence: raw.seq,
        time: raw.time,
    }))
}

/// Removes a message from its stream, and tells whether it was there.
pub(super) async fn remove_message(
    broker: &JetStream,
    stream: &str,
    sequence: u64,
) -> Result<bool, BrokerError> {
    let request = json!({ "seq": sequence, "no_erase": true });
    match call(broker, &format!("STREAM.MSG.DELETE.{stream}"), &request).await {
        Ok(_) => Ok(true),
        Err(BrokerError::Refused { code: MESSAGE_NOT_FOUND | NO_SUCH_SEQUENCE, .. }) => Ok(false),
        Err(BrokerError::Refused { code: STREAM_NOT_FOUND, .. }) => {
            Err(BrokerError::StreamMissing(stream.to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// Removes every message on a subject.
pub(super) async fn purge(
    broker: &JetStream,
    stream: &str,
    subject: &str,
) -> Result<(), BrokerError> {
    let (method, request) = (format!("STREAM.PURGE.{stream}"), json!({ "filter": subject }));
    call(broker, &method, &request).await.map(drop).map_err(|error| match error {
        BrokerError::Refused { code: STREAM_NOT_FOUND, .. } => {
            BrokerError::StreamMissing(stream.to_owned())
        }
        error => error,
    })
}

/// Reads a header block leniently: what cannot be read as a line `name: value` is left out.
fn parse_headers(block: &[u8]) -> Headers {
    let mut headers = Headers::new();
    for line in String::from_utf8_lossy(block).split("\r\n").skip(1) {
        if let Some((name, value)) = line.split_once(':') {
            headers.push_received(name.to_owned(), value.trim().to_owned());
        }
    }
    headers
}
