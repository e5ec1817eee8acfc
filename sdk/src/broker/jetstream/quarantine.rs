//! Messages whose headers the client library cannot read.
//!
//! Whoever may publish can store one. Handed out, it costs the connection, or the client library's life, and that again
//! at each further delivery; what was handed out with it is lost to the consumer each time. So after a loss of the
//! connection the messages that are out are read in another way, which no header can harm, and the malformed ones are
//! returned as deliveries of their own.

use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use super::{JetStream, Settle, api, topology};
use crate::broker::pattern::Pattern;
use crate::broker::{self, BrokerError, ConsumerSpec, Delivery};

/// Messages read at once.
const AT_ONCE: usize = 32;
/// Messages read after one loss; the rest after the next. Several times what a subscription may have out, where its catalog says
/// nothing, as other messages of the stream lie between.
const AT_MOST: u64 = 16_384;

/// What a consumer was handed and cannot read.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    /// Everything up to here has been read.
    read_to: u64,
    /// The malformed ones, until they are settled.
    held: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    sequence: u64,
    settle: Settle,
}

impl Quarantine {
    /// The malformed messages among those that the consumer has handed out and that are not settled.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub(super) async fn find(
        &mut self,
        broker: &JetStream,
        consumer: &ConsumerSpec,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let (stream, durable) = (consumer.stream, consumer.durable);
        let info = topology::info(broker, stream, durable).await?;
        let place = |of: &str| info[of]["stream_seq"].as_u64().unwrap_or_default();
        let (settled, handed_out) = (place("ack_floor"), place("delivered"));
        self.held.retain(|held| held.sequence > settled && !held.settle.is_done());
        let mut found = Vec::new();
        // One that is still being buried would otherwise be buried, and counted, once more.
        for held in self.held.iter().filter(|held| !held.settle.is_shared()) {
            found.extend(self.read(broker, consumer, &info, held.sequence).await?);
        }
        let from = settled.max(self.read_to) + 1;
        let to = handed_out.min(from.saturating_add(AT_MOST));
        let this = &*self;
        let info = &info;
        let mut fresh = stream::iter(from..=to)
            .map(|sequence| this.read(broker, consumer, info, sequence))
            .buffered(AT_ONCE);
        let mut malformed = Vec::new();
        while let Some(read) = fresh.next().await {
            malformed.extend(read?);
        }
        drop(fresh);
        for delivery in &malformed {
            if let broker::Settle::JetStream(settle) = &delivery.settle {
                let (sequence, settle) = (delivery.message.sequence, settle.clone());
                self.held.push(Held { sequence, settle });
            }
        }
        self.read_to = self.read_to.max(to);
        found.extend(malformed);
        Ok(found)
    }

    /// The message at a place, if the subscription means it and its headers are malformed.
    async fn read(
        &self,
        broker: &JetStream,
        consumer: &ConsumerSpec,
        info: &Value,
        sequence: u64,
    ) -> Result<Option<Delivery>, BrokerError> {
        let (stream, durable) = (consumer.stream, consumer.durable);
        let found = api::raw_message(broker, stream, &api::Which::At { sequence }).await?;
        let is_meant = |subject: &str| {
            let filters = match &info["config"]["filter_subjects"] {
                Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
                _ => Vec::from_iter(info["config"]["filter_subject"].as_str()),
            };
            let mut patterns = filters.iter().filter_map(|filter| Pattern::parse(filter));
            filters.is_empty() || patterns.any(|pattern| pattern.matches(subject))
        };
        let Some(raw) = found.filter(|raw| is_meant(&raw.subject)) else { return Ok(None) };
        let Some(fault) = fault(&raw.headers) else { return Ok(None) };
        let settle = match self.held.iter().find(|held| held.sequence == sequence) {
            Some(held) => held.settle.clone(),
            // The server reads of this only which message of which consumer is meant.
            None => {
                let reply = format!("$JS.ACK.{stream}.{durable}.1.{sequence}.{sequence}.0.0");
                Settle::watched(broker.clone(), reply.into())
            }
        };
        Ok(Some(Delivery {
            message: raw.into(),
            attempt: 1,
            malformed: Some(fault),
            settle: broker::Settle::JetStream(settle),
        }))
    }
}

/// Why the client library cannot read a header block, if it cannot.
pub(super) fn fault(block: &[u8]) -> Option<String> {
    if block.is_empty() {
        return None;
    }
    let Ok(text) = std::str::from_utf8(block) else {
        return Some("the headers are not UTF-8".to_owned());
    };
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("NATS/1.0") {
        return Some("the headers do not begin with the line `NATS/1.0` alone".to_owned());
    }
    for line in lines.filter(|line| !line.is_empty()) {
        if line.contains('\r') {
            return Some(format!("the header line {line:?} holds a carriage return"));
        }
        if line.starts_with(char::is_whitespace) {
            continue;
        }
        let name = line.split_once(':').map(|(name, _)| name);
        let Some(name) = name else {
            return Some(format!("the header line {line:?} has no colon"));
        };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Some(format!("the header name {name:?} is not a word of printable ASCII"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn what_the_client_library_cannot_read_is_named() {
        for (block, words) in [
            (&b""[..], None),
            (b"NATS/1.0\r\n\r\n", None),
            (b"NATS/1.0\r\na: b\r\nc:\r\nd: e: f\r\n\r\n", None),
            (b"NATS/1.0\r\na: b\r\n folded\r\n\r\n", None),
            (b"NATS/1.0\r\na: \xff\r\n\r\n", Some("UTF-8")),
            (b"NATS/1.0 404\r\n\r\n", Some("NATS/1.0")),
            (b"NATS/1.0\r\na: b\rc\r\n\r\n", Some("carriage return")),
            (b"NATS/1.0\r\nab\r\n\r\n", Some("no colon")),
            (b"NATS/1.0\r\na b: c\r\n\r\n", Some("name")),
            (b"NATS/1.0\r\n: c\r\n\r\n", Some("name")),
        ] {
            let found = fault(block);
            match words {
                None => assert_eq!(found, None, "{block:?}"),
                Some(words) => {
                    assert!(found.is_some_and(|found| found.contains(words)), "{block:?}");
                }
            }
        }
    }
}
