//! Streams and durable consumers: what they are to be, and how far they have come.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{JetStream, api};
use crate::broker::pattern::Pattern;
use crate::broker::{BrokerError, ConsumerSpec, ConsumerState, StreamState, schedule};
use crate::catalog::{Start, Storage, StreamLimits, StreamSpec};

/// JetStream writes durations in nanoseconds.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The settings of a stream of the catalog, as far as this server knows them.
pub(super) fn wanted_stream(
    broker: &JetStream,
    stream: &StreamSpec,
    limits: &StreamLimits,
) -> Map<String, Value> {
    let mut wanted = stream_config(stream.name, limits);
    let mut subjects: Vec<String> = stream.subjects.iter().copied().map(str::to_owned).collect();
    if broker.requires_2_12("").is_ok() {
        wanted.insert("allow_atomic".into(), true.into());
        wanted.insert("allow_msg_schedules".into(), true.into());
        // A stream that takes schedules has it, and says so.
        wanted.insert("allow_rollup_hdrs".into(), true.into());
        subjects.push(schedule::filter(stream.name));
    }
    if stream.bulk && broker.requires_2_14("").is_ok() {
        wanted.insert("allow_batched".into(), true.into());
    }
    wanted.insert("subjects".into(), json!(subjects));
    wanted
}

/// The settings of a consumer of the catalog.
pub(super) fn wanted_consumer(broker: &JetStream, consumer: &ConsumerSpec) -> Map<String, Value> {
    let mut wanted = consumer_config(consumer, &filters(broker, consumer.filters));
    let policy = match consumer.start {
        Start::All => "all",
        Start::New => "new",
    };
    wanted.insert("deliver_policy".into(), policy.into());
    wanted
}

/// The latest time for which a stream keeps what it is given now.
pub(super) async fn latest_schedule(
    broker: &JetStream,
    stream: &str,
) -> Result<Option<Timestamp>, BrokerError> {
    let info = api::call(broker, &format!("STREAM.INFO.{stream}"), &Value::Null).await;
    let info = info.map_err(|error| match error {
        BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. } => {
            BrokerError::StreamMissing(stream.to_owned())
        }
        error => error,
    })?;
    match info["config"]["max_age"].as_u64() {
        None | Some(0) => Ok(None),
        Some(nanos) => Ok(Timestamp::now().checked_add(Duration::from_nanos(nanos)).ok()),
    }
}

pub(super) async fn consumer_state(
    broker: &JetStream,
    stream: &str,
    durable: &str,
) -> Result<ConsumerState, BrokerError> {
    let info = info(broker, stream, durable).await?;
    let count = |name: &str| info[name].as_u64().unwrap_or_default();
    Ok(ConsumerState {
        pending: count("num_pending"),
        unsettled: count("num_ack_pending"),
        max_unsettled: max_ack_pending(&info).into(),
        redelivered: count("num_redelivered"),
        last_delivery: info["delivered"]["last_active"].as_str().and_then(|at| at.parse().ok()),
    })
}

/// How many deliveries of a consumer may be unsettled. The server writes -1 where any number may be.
pub(super) fn max_ack_pending(info: &Value) -> u32 {
    let most = info["config"]["max_ack_pending"].as_u64();
    most.and_then(|most| most.try_into().ok()).unwrap_or(u32::MAX)
}

fn missing(stream: &str, error: BrokerError) -> BrokerError {
    match error {
        BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. } => {
            BrokerError::StreamMissing(stream.to_owned())
        }
        error => error,
    }
}

/// Which stream it is, and how far it has come.
pub(super) async fn stream_state(
    broker: &JetStream,
    stream: &str,
) -> Result<StreamState, BrokerError> {
    let info = api::call(broker, &format!("STREAM.INFO.{stream}"), &Value::Null).await;
    let info = info.map_err(|error| missing(stream, error))?;
    let created = info["created"].as_str().and_then(|text| text.parse().ok());
    Ok(StreamState {
        created: created.unwrap_or_default(),
        last: info["state"]["last_seq"].as_u64().unwrap_or_default(),
    })
}

/// How many messages a stream holds on subjects that a filter matches. Subjects come page by page.
pub(super) async fn count(
    broker: &JetStream,
    stream: &str,
    filter: &str,
) -> Result<u64, BrokerError> {
    let (mut messages, mut seen) = (0, 0);
    loop {
        let request = json!({ "subjects_filter": filter, "offset": seen });
        let info = api::call(broker, &format!("STREAM.INFO.{stream}"), &request).await;
        let info = info.map_err(|error| missing(stream, error))?;
        let Some(subjects) = info["state"]["subjects"].as_object() else { return Ok(messages) };
        messages += subjects.values().filter_map(Value::as_u64).sum::<u64>();
        seen += subjects.len() as u64;
        if subjects.is_empty() || info["total"].as_u64().is_none_or(|total| total <= seen) {
            return Ok(messages);
        }
    }
}

/// The consumer's state, or which of the two is missing.
pub(super) async fn info(
    broker: &JetStream,
    stream: &str,
    durable: &str,
) -> Result<Value, BrokerError> {
    let method = format!("CONSUMER.INFO.{stream}.{durable}");
    api::call(broker, &method, &Value::Null).await.map_err(|error| match error {
        BrokerError::Refused { code: api::CONSUMER_NOT_FOUND, .. } => {
            BrokerError::ConsumerMissing { stream: stream.to_owned(), consumer: durable.to_owned() }
        }
        BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. } => {
            BrokerError::StreamMissing(stream.to_owned())
        }
        error => error,
    })
}

fn stream_config(name: &str, limits: &StreamLimits) -> Map<String, Value> {
    let mut config = limits_config(limits);
    config.extend(object(json!({
        "name": name,
        "retention": "limits",
        "discard": "old",
        "storage": storage(limits.storage),
        "allow_direct": true,
    })));
    config
}

/// What bounds a stream, as the server writes it.
pub(super) fn limits_config(limits: &StreamLimits) -> Map<String, Value> {
    object(json!({
        "max_age": limits.max_age.map_or(0, nanos),
        "max_bytes": limits.max_bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        "num_replicas": limits.replicas,
        "duplicate_window": nanos(limits.duplicate_window),
    }))
}

/// What bounds a stream of the server.
pub(super) fn limits_of(config: &Value, storage: Storage) -> StreamLimits {
    let time = |key: &str| Duration::from_nanos(config[key].as_u64().unwrap_or_default());
    StreamLimits {
        storage,
        max_age: Some(time("max_age")).filter(|age| !age.is_zero()),
        max_bytes: config["max_bytes"].as_u64(),
        replicas: config["num_replicas"].as_u64().and_then(|n| n.try_into().ok()).unwrap_or(1),
        duplicate_window: time("duplicate_window"),
    }
}

pub(super) fn storage(storage: Storage) -> &'static str {
    match storage {
        Storage::File => "file",
        Storage::Memory => "memory",
    }
}

/// The server never gives up on a delivery and never delays one on its own: the runtime counts attempts and asks for
/// each delay, so that a failure is dead-lettered before the server forgets it.
fn consumer_config(consumer: &ConsumerSpec, filters: &[String]) -> Map<String, Value> {
    let mut config = object(json!({
        "durable_name": consumer.durable,
        "name": consumer.durable,
        "ack_policy": "explicit",
        "ack_wait": nanos(consumer.ack_wait),
        "max_deliver": -1,
        "max_ack_pending": consumer.max_ack_pending,
        "replay_policy": "instant",
    }));
    match filters {
        [filter] => config.insert("filter_subject".into(), filter.as_str().into()),
        filters => config.insert("filter_subjects".into(), json!(filters)),
    };
    config
}

/// The filters that a consumer is given for what is to be read.
///
/// Before 2.12 a server stops delivering to a consumer with several filters of which one has a wildcard: it reports what
/// is pending and hands out nothing. There, one filter covers them all.
pub(super) fn filters(broker: &JetStream, own: &[&str]) -> Vec<String> {
    if is_mixed(own) && !broker.library().client.is_server_compatible(2, 12, 0) {
        return vec![covering(own)];
    }
    own.iter().map(|filter| (*filter).to_owned()).collect()
}

/// Where a consumer's one filter covers several of the subscription: what of its deliveries is meant.
pub(super) fn meant(info: &Value, consumer: &ConsumerSpec) -> Option<Vec<Pattern>> {
    let own = consumer.filters;
    let covered = is_mixed(own) && info["config"]["filter_subject"] == covering(own);
    covered.then(|| own.iter().filter_map(|filter| Pattern::parse(filter)).collect())
}

pub(super) fn is_mixed(filters: &[&str]) -> bool {
    filters.len() > 1 && filters.iter().any(|filter| filter.contains(['*', '>']))
}

/// The narrowest filter that matches all that any of these does: their common first tokens, and whatever follows.
pub(super) fn covering(filters: &[&str]) -> String {
    let split: Vec<Vec<&str>> = filters.iter().map(|filter| filter.split('.').collect()).collect();
    let first = split.first().map_or(&[][..], Vec::as_slice);
    let mut tokens: Vec<&str> = first
        .iter()
        .enumerate()
        .take_while(|(index, token)| {
            let common = split.iter().all(|other| other.get(*index) == Some(token));
            // Something must be left for the `>`.
            common
                && split.iter().all(|other| other.len() > index + 1)
                && !matches!(**token, "*" | ">")
        })
        .map(|(_, token)| *token)
        .collect();
    tokens.push(">");
    tokens.join(".")
}

/// `current` with what `wanted` changes, or nothing where it changes nothing.
pub(super) fn overlaid(current: Value, wanted: Map<String, Value>) -> Option<Value> {
    let mut config = object(current);
    let before = config.clone();
    config.extend(wanted);
    (config != before).then_some(Value::Object(config))
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_covering_filter_is_as_narrow_as_can_be() {
        for (filters, expected) in [
            (&["parcels.*.parcel.arrived", "parcels.parcel.sent"][..], "parcels.>"),
            (&["a.b.c.d", "a.b.*.e"], "a.b.>"),
            (&["a.b", "a.b.c"], "a.>"),
            (&["a.b", "c.*"], ">"),
        ] {
            let covering = covering(filters);
            assert_eq!(covering, expected);
            let covering = Pattern::parse(&covering).expect("a filter");
            let all = filters.iter().filter_map(|filter| Pattern::parse(filter));
            assert!(all.into_iter().all(|filter| covering.overlaps(&filter)));
        }
    }
}
