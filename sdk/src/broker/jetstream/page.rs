//! Many stored messages in one answer, without a consumer.
//!
//! By the stream's direct get, which nats-server 2.11 does for several messages at once and any of its replicas answers.
//! What the leader says is the last one decides whether that was all. Before 2.11 a [`Reader`] reads them.

use async_nats::{HeaderValue, Message};
use futures_util::StreamExt as _;
use serde_json::json;

use super::{ANSWER, JetStream, Reader, api, quarantine};
use crate::broker::{Beginning, BrokerError, Page, Read, ReaderSpec, StoredMessage};
use crate::message::headers::Headers;
use crate::message::text::Text;

/// Messages asked for at once, and bytes of them.
const BATCH: usize = 1000;
const BATCH_BYTES: usize = 8 << 20;
/// Where a consumer has to be made for it, it is used for more.
const FROM_READER: usize = 10_000;

pub(super) async fn read(
    broker: &JetStream,
    stream: &str,
    filter: &str,
    from: u64,
    carefully: bool,
) -> Result<Page, BrokerError> {
    broker.reach().await?;
    if !broker.library().client.is_server_compatible(2, 11, 0) {
        return through_reader(broker, stream, filter, from).await;
    }
    if carefully {
        return one_by_one(broker, stream, filter, from).await;
    }
    let last = api::Which::Last { subject: filter };
    let (messages, last) = tokio::join!(
        directly(broker, stream, filter, from),
        api::raw_message(broker, stream, &last)
    );
    // What is missing, and that it is denied, the leader says best.
    let last = last?.map_or(0, |last| last.sequence);
    let messages = messages?;
    match messages.last() {
        Some(read) => Ok(Page { more: read.message.sequence < last, messages }),
        None if last < from => Ok(Page { messages, more: false }),
        // The replica that was asked lags behind.
        None => {
            let next = next(broker, stream, filter, from).await?;
            let more = next.as_ref().is_some_and(|read| read.message.sequence < last);
            Ok(Page { messages: next.into_iter().collect(), more })
        }
    }
}

/// As JSON, where malformed headers harm nobody.
async fn one_by_one(
    broker: &JetStream,
    stream: &str,
    filter: &str,
    mut from: u64,
) -> Result<Page, BrokerError> {
    let mut messages = Vec::new();
    while messages.len() < BATCH {
        let Some(read) = next(broker, stream, filter, from).await? else {
            return Ok(Page { messages, more: false });
        };
        from = read.message.sequence + 1;
        messages.push(read);
    }
    Ok(Page { messages, more: true })
}

async fn next(
    broker: &JetStream,
    stream: &str,
    filter: &str,
    from: u64,
) -> Result<Option<Read>, BrokerError> {
    let raw = api::raw_message(broker, stream, &api::Which::Next { filter, from }).await?;
    Ok(raw.map(|raw| {
        let malformed = quarantine::fault(&raw.headers);
        Read { message: StoredMessage::from(raw), malformed }
    }))
}

async fn through_reader(
    broker: &JetStream,
    stream: &str,
    filter: &str,
    from: u64,
) -> Result<Page, BrokerError> {
    let (filters, from) = (vec![filter.to_owned()], Beginning::Sequence(from));
    let mut reader =
        Reader::new(broker.clone(), ReaderSpec { stream: stream.to_owned(), filters, from });
    let mut messages = Vec::new();
    let mut more = true;
    while more && messages.len() < FROM_READER {
        let read = reader.read(false).await?;
        more = !read.is_empty();
        messages.extend(read);
    }
    reader.close().await;
    Ok(Page { messages, more })
}

/// A part of the answer.
enum Part {
    Message(Box<Read>),
    End,
}

async fn directly(
    broker: &JetStream,
    stream: &str,
    filter: &str,
    from: u64,
) -> Result<Vec<Read>, BrokerError> {
    let connection = broker.connection.up(ANSWER).await?;
    let library = broker.library();
    let (subject, inbox) = (format!("$JS.API.DIRECT.GET.{stream}"), library.client.new_inbox());
    let request = json!({
        "next_by_subj": filter,
        "seq": from.max(1),
        "batch": BATCH,
        // Any message must fit.
        "max_bytes": BATCH_BYTES.max(2 * library.client.max_payload()),
    });
    let mut denials = broker.connection.denials();
    let answer = async {
        let asked = async {
            let parts = library.client.subscribe(inbox.clone()).await;
            let parts = parts.map_err(|error| error.to_string())?;
            let (subject, inbox) = (subject.clone(), inbox.clone());
            let request = request.to_string().into();
            let sent = library.client.publish_with_reply(subject, inbox, request).await;
            sent.map(|()| parts).map_err(|error| error.to_string())
        };
        let asked = tokio::time::timeout(ANSWER, asked).await;
        let asked = asked.map_err(|_| BrokerError::TimedOut(ANSWER))?;
        let mut parts = asked.map_err(BrokerError::Unavailable)?;
        let mut messages = Vec::new();
        loop {
            let part = tokio::time::timeout(ANSWER, parts.next()).await;
            let part = part.map_err(|_| BrokerError::TimedOut(ANSWER))?;
            let part = part.ok_or_else(|| {
                BrokerError::Unavailable("the client library has died".to_owned())
            })?;
            match part_of(&subject, part)? {
                Part::Message(read) => messages.push(*read),
                Part::End => return Ok(messages),
            }
        }
    };
    let asked = [subject.as_str(), inbox.as_str()];
    tokio::select! {
        biased;
        answer = answer => answer,
        denied = denials.of(&asked) => Err(denied),
        lost = broker.connection.lost_since(connection) => Err(lost),
    }
}

fn part_of(asked: &str, part: Message) -> Result<Part, BrokerError> {
    match part.status.map(|status| status.as_u16()) {
        None => {}
        // The end of a batch, or nothing to begin one with.
        Some(204 | 404) => return Ok(Part::End),
        Some(503) => return Err(BrokerError::Unavailable(format!("nobody answers on `{asked}`"))),
        Some(code) => {
            let words = part.description.unwrap_or_default();
            return Err(BrokerError::Refused { code: 0, description: format!("{words} ({code})") });
        }
    }
    // The server's own come last: whoever published the message may have written others.
    let headers = part.headers.unwrap_or_default();
    let place = |name: &str| headers.get_last(name).map(HeaderValue::as_str);
    let read = (|| {
        let subject = Text::from(place("Nats-Subject")?);
        let sequence = place("Nats-Sequence")?.parse().ok()?;
        Some((subject, sequence, place("Nats-Time-Stamp")?.parse().ok()?))
    })();
    let (subject, sequence, time) = read.ok_or_else(|| BrokerError::Refused {
        code: 0,
        description: "a message came without its place in the stream".to_owned(),
    })?;
    let headers = Headers::received(Some(headers));
    let message = StoredMessage { subject, headers, payload: part.payload, sequence, time };
    Ok(Part::Message(Box::new(Read { message, malformed: None })))
}
