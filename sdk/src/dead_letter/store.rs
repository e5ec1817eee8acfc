use bytes::Bytes;
use jiff::Timestamp;

use super::{Reason, header};
use crate::broker::{MESSAGE_ID, Outgoing, StoredMessage};
use crate::catalog::SubscriptionSpec;
use crate::contract::subject::check_token;
use crate::message::envelope::Envelope;
use crate::message::headers::Headers;
use crate::publisher::transmit;
use crate::{BrokerError, PublishError, Tidings};

/// The longest error that is kept, with its causes, in bytes: headers are for reading, not for dumps.
const MAX_ERROR: usize = 2048;
/// What stands for the error, and in the last resort for the payload, of a message that is nearly too large.
const TOO_LARGE: &str = "left out, as the message is nearly too large: read it in its own stream";
/// The longest event type that a subject holds, in bytes: servers bound the length of a line.
const MAX_TYPE: usize = 255;
/// Last part of the subject where the event's type is not known.
const UNKNOWN: &str = "unknown";
/// What a dead letter says that has no payload.
const LEFT_OUT: &str = "left-out";
const GONE: &str = "gone";
/// With this begins the reason that the server is given for the end of a delivery whose dead letter is stored.
pub(super) const BURIED: &str = "dead-lettered: ";

/// The reason that the server is given for the end of a delivery whose dead letter is stored.
pub(crate) fn termination(reason: Reason) -> String {
    format!("{BURIED}{reason}")
}

/// How a delivery failed for good.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) reason: Reason,
    /// The error and its causes, outermost first.
    pub(crate) chain: Vec<String>,
    pub(crate) attempts: u64,
    /// When it failed first, and last, where that is known.
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    /// The stream that the message is gone from, so that there is nothing of it to keep: its own, or, where it was redriven,
    /// that of the dead letters.
    pub(crate) gone: Option<&'static str>,
}

/// Stores a dead letter; returns once the stream has it. Storing the same delivery twice within the stream's duplicate window
/// stores it once, but each time that it was redriven is another: `redriven` tells them apart.
pub(crate) async fn store(
    bus: &Tidings,
    subscription: &'static SubscriptionSpec,
    message: &StoredMessage,
    redriven: Option<u64>,
    envelope: Option<&Envelope>,
    failure: &Failure,
) -> Result<(), PublishError> {
    let again = redriven.map_or_else(String::new, |place| format!(":{place}"));
    let spec = subscription.dead_letters;
    let event_type = envelope.map(|envelope| envelope.event_type.as_str());
    let in_subject = event_type.filter(|text| {
        text.len() <= MAX_TYPE && text.split('.').all(|token| check_token(token).is_ok())
    });
    let whole = Outgoing {
        subject: format!(
            "{}.{}.{}.{}",
            spec.subject,
            subscription.service,
            subscription.name,
            in_subject.unwrap_or(UNKNOWN)
        )
        .into(),
        headers: headers(subscription, message, envelope, failure, &failure.chain),
        payload: message.payload.clone(),
        message_id: format!(
            "dlq:{}:{}:{}{again}",
            failure.gone.unwrap_or(subscription.stream),
            subscription.durable,
            message.sequence
        ),
        stream: spec.stream,
        expected_last_subject_sequence: None,
        expected_filter: None,
        claim_check_above: None,
        is_new: false,
    };
    // The headers of a dead letter may be what makes a message too large; the source can still be read.
    let short = Outgoing {
        headers: headers(subscription, message, envelope, failure, &[TOO_LARGE.to_owned()]),
        ..whole.clone()
    };
    let mut bare = Outgoing { payload: Bytes::new(), ..short.clone() };
    let _ = bare.headers.insert(header::PAYLOAD, LEFT_OUT);
    let mut outcome = Ok(());
    for letter in [whole, short, bare] {
        outcome = transmit(bus, "dead letter", letter).await.map(drop);
        let too_large = |error: &PublishError| {
            matches!(error, PublishError::Rejected { source: BrokerError::TooLarge { .. }, .. })
        };
        if !outcome.as_ref().is_err_and(too_large) {
            break;
        }
    }
    outcome
}

fn headers(
    subscription: &SubscriptionSpec,
    message: &StoredMessage,
    envelope: Option<&Envelope>,
    failure: &Failure,
    chain: &[String],
) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in message.headers.iter() {
        // The server would act on its own headers again; an old reason would hide the new one.
        if !header::is_of_server(name) && !header::is_own(name) {
            // A header that cannot be sent is one that should never have been stored.
            let _ = headers.insert(name.to_owned(), value);
        }
    }
    let mut own = |name: &'static str, value: &str| {
        let _ = headers.insert(name, printable(value, MAX_ERROR));
    };
    own(header::REASON, failure.reason.as_str());
    own(header::SUBSCRIPTION, subscription.durable);
    own(header::SUBJECT, &message.subject);
    own(header::STREAM, failure.gone.unwrap_or(subscription.stream));
    own(header::SEQUENCE, &message.sequence.to_string());
    own(header::ATTEMPTS, &failure.attempts.to_string());
    let times = [(header::FIRST_FAILURE, failure.first), (header::LAST_FAILURE, failure.last)];
    for (name, time) in times {
        if let Some(time) = time {
            own(name, &time.to_string());
        }
    }
    if failure.gone.is_some() {
        own(header::PAYLOAD, GONE);
    }
    if let Some(envelope) = envelope {
        own(header::EVENT_TYPE, &envelope.event_type);
        own(header::EVENT_ID, &envelope.id);
    } else if let Some(id) = message.headers.get(MESSAGE_ID) {
        own(header::EVENT_ID, id);
    }
    let mut room = MAX_ERROR;
    for error in chain {
        let error = printable(error, room);
        if error.is_empty() {
            continue;
        }
        room -= error.len();
        let _ = headers.insert(header::ERROR, error);
    }
    headers
}

/// One line without control characters, cut to a sensible length.
fn printable(text: &str, longest: usize) -> String {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let line: String = text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().to_owned()
}
