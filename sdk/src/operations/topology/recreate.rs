//! What no server changes is made anew, without a loss.

use serde_json::Value;

use super::copy;
use super::desired::{WantedConsumer, WantedStream, set_metadata};
use super::write::{Write, stream_settings};
use crate::broker::jetstream::{Creation, JetStream, Settings, StreamInfo};
use crate::{BrokerError, resilience::retry};

/// Before the name of a consumer that is being made anew, in its stream's metadata: where the new one is to begin.
pub(super) const RESUME: &str = "tidings.resume.";

/// A subject of a stream that is about to go, so that nothing is stored in it any more.
fn closed(stream: &str) -> String {
    format!("_closed.{stream}")
}

/// Why something was not made anew.
#[derive(Debug)]
pub(super) enum Obstacle {
    Broker(BrokerError),
    NotEmpty {
        messages: u64,
    },
    /// Events that wait for their time, which the server does not copy.
    Scheduled {
        events: u64,
    },
}

impl From<BrokerError> for Obstacle {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error)
    }
}

/// What a stream remembers of consumers that are being made anew: their names, where it stands, and where they begin.
pub(super) fn resume_marks(settings: &Settings) -> Vec<(String, String, u64)> {
    let metadata = settings.get("metadata").and_then(Value::as_object);
    let marks = metadata.into_iter().flatten().filter_map(|(key, value)| {
        let from = value.as_str()?.parse().ok()?;
        Some((key.strip_prefix(RESUME)?.to_owned(), key.clone(), from))
    });
    marks.collect()
}

/// Where a consumer that does not exist has to begin, if one before it was deleted to be made anew.
pub(super) fn resumes_from(stream: &Settings, consumer: &str) -> Option<u64> {
    let marks = resume_marks(stream);
    marks.into_iter().find(|(name, ..)| name == consumer).map(|(.., from)| from)
}

/// Makes a consumer anew that begins where the old one had settled everything.
///
/// Where that is stands in the stream's metadata before the old one goes: whoever finds the consumer missing, because
/// this process died on its way, goes on from there.
pub(super) async fn consumer(
    write: &Write<'_>,
    wanted: &WantedConsumer,
    created: &str,
) -> Result<(), Obstacle> {
    let server = write.server;
    let (stream, name) = (wanted.stream.as_str(), wanted.name.as_str());
    let old = retry::reaching(|| server.consumer_info(stream, name)).await?;
    // Another process may have made it anew meanwhile.
    let old = old.filter(|old| old.created == created);
    if let Some(old) = &old {
        write_down(server, stream, name, old.unsettled_from).await?;
        retry::reaching(|| server.delete_consumer(stream, name)).await?;
    }
    write.create_consumer(wanted, old.map(|old| old.unsettled_from)).await?;
    Ok(())
}

/// Sees that the stream remembers where a consumer is to begin, whoever else is changing the stream.
async fn write_down(
    server: &JetStream,
    stream: &str,
    consumer: &str,
    from: u64,
) -> Result<(), BrokerError> {
    loop {
        mark(server, stream, consumer, Some(from)).await?;
        let info = retry::reaching(|| server.stream_info(stream)).await?;
        let info = info.ok_or_else(|| BrokerError::StreamMissing(stream.to_owned()))?;
        if resumes_from(&info.settings, consumer).is_some_and(|marked| marked <= from) {
            return Ok(());
        }
    }
}

/// Writes down where a consumer is to begin, or that it has begun.
pub(super) async fn mark(
    server: &JetStream,
    stream: &str,
    consumer: &str,
    from: Option<u64>,
) -> Result<(), BrokerError> {
    let info = retry::reaching(|| server.stream_info(stream)).await?;
    let Some(mut info) = info else { return Err(BrokerError::StreamMissing(stream.to_owned())) };
    let from = from.map(|from| from.to_string());
    set_metadata(&mut info.settings, &format!("{RESUME}{consumer}"), from.as_deref());
    retry::reaching(|| server.update_stream(info.settings.clone())).await
}

/// Makes a stream anew, with all that it holds where the server can copy that. Its consumers go with it; those of the catalog
/// begin again where they had come to.
pub(super) async fn stream(
    write: &Write<'_>,
    wanted: &WantedStream,
    old: &StreamInfo,
) -> Result<(), Obstacle> {
    let Write { server, desired } = write;
    let name = wanted.name.as_str();
    let copy = copy::name_of(name);
    let begun = retry::reaching(|| server.stream_info(&copy)).await?;
    if begun.is_none() && old.messages == 0 {
        let consumers = desired.consumers.iter().filter(|consumer| consumer.stream == name);
        let consumers = consumers.map(|consumer| consumer.name.as_str());
        return empty_stream(server, &desired.catalog, wanted, old, consumers).await;
    }
    // Where consumers remove what they have settled, a mirror would be one of them.
    let keeps = old.settings.get("retention").is_none_or(|retention| retention == "limits");
    if begun.is_none() && !(keeps && server.is_at_least(2, 12)) {
        return Err(Obstacle::NotEmpty { messages: old.messages });
    }
    copy::stream(write, wanted, Some(&old.created)).await
}

/// Makes an empty stream anew. Its consumers go with it, and have nothing left to read; the new stream remembers that those
/// of the catalog begin with its first message.
///
/// It takes nothing any more before it is deleted, so that nothing can be stored in between and be lost.
async fn empty_stream<'c>(
    server: &JetStream,
    catalog: &str,
    wanted: &WantedStream,
    old: &StreamInfo,
    consumers: impl Iterator<Item = &'c str>,
) -> Result<(), Obstacle> {
    let name = wanted.name.as_str();
    if old.messages > 0 {
        return Err(Obstacle::NotEmpty { messages: old.messages });
    }
    let takes_nothing = ["sealed", "mirror"].iter().any(|key| {
        old.settings.get(*key).is_some_and(|value| *value != Value::Bool(false) && !value.is_null())
    });
    if !takes_nothing {
        let mut shut = old.settings.clone();
        shut.insert("subjects".to_owned(), vec![closed(name)].into());
        retry::reaching(|| server.update_stream(shut.clone())).await?;
        let now = retry::reaching(|| server.stream_info(name)).await?;
        if let Some(messages) = now.map(|now| now.messages).filter(|messages| *messages > 0) {
            retry::reaching(|| server.update_stream(old.settings.clone())).await?;
            return Err(Obstacle::NotEmpty { messages });
        }
    }
    retry::reaching(|| server.delete_stream(name)).await?;
    let mut settings = stream_settings(catalog, wanted);
    for consumer in consumers {
        set_metadata(&mut settings, &format!("{RESUME}{consumer}"), Some("1"));
    }
    match retry::reaching(|| server.create_stream(settings.clone())).await? {
        Creation::Created | Creation::Anticipated => Ok(()),
    }
}
