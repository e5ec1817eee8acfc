//! Streams and durable consumers, created or brought up to date.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{JetStream, api};
use crate::broker::{BrokerError, ConsumerState};
use crate::catalog::{Start, Storage, StreamLimits, StreamSpec, SubscriptionSpec};

/// JetStream writes durations in nanoseconds.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

pub(super) async fn ensure_stream(
    broker: &JetStream,
    stream: &StreamSpec,
    limits: &StreamLimits,
) -> Result<(), BrokerError> {
    let wanted = stream_config(stream, limits);
    let name = stream.name;
    let current = match api::call(broker, &format!("STREAM.INFO.{name}"), &Value::Null).await {
        Ok(mut info) => info["config"].take(),
        Err(BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. }) => {
            let method = format!("STREAM.CREATE.{name}");
            return api::call(broker, &method, &Value::Object(wanted)).await.map(drop);
        }
        Err(error) => return Err(error),
    };
    if let Some(changed) = overlaid(current, wanted) {
        api::call(broker, &format!("STREAM.UPDATE.{name}"), &changed).await?;
    }
    Ok(())
}

pub(super) async fn ensure_consumer(
    broker: &JetStream,
    subscription: &SubscriptionSpec,
) -> Result<(), BrokerError> {
    let (stream, durable) = (subscription.stream, subscription.durable);
    let mut wanted = consumer_config(subscription);
    let method = format!("CONSUMER.CREATE.{stream}.{durable}");
    let current = match info(broker, stream, durable).await {
        Ok(mut info) => info["config"].take(),
        Err(BrokerError::ConsumerMissing { .. }) => {
            let policy = match subscription.start {
                Start::All => "all",
                Start::New => "new",
            };
            wanted.insert("deliver_policy".into(), policy.into());
            let request = json!({ "stream_name": stream, "config": wanted });
            return api::call(broker, &method, &request).await.map(drop);
        }
        Err(error) => return Err(error),
    };
    if let Some(changed) = overlaid(current, wanted) {
        let request = json!({ "stream_name": stream, "config": changed });
        api::call(broker, &method, &request).await?;
    }
    Ok(())
}

pub(super) async fn consumer_state(
    broker: &JetStream,
    stream: &str,
    durable: &str,
) -> Result<ConsumerState, BrokerError> {
    let info = info(broker, stream, durable).await?;
    Ok(ConsumerState {
        pending: info["num_pending"].as_u64().unwrap_or_default(),
        unsettled: info["num_ack_pending"].as_u64().unwrap_or_default(),
    })
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

fn stream_config(stream: &StreamSpec, limits: &StreamLimits) -> Map<String, Value> {
    let storage = match limits.storage {
        Storage::File => "file",
        Storage::Memory => "memory",
    };
    object(json!({
        "name": stream.name,
        "subjects": stream.subjects,
        "retention": "limits",
        "discard": "old",
        "storage": storage,
        "max_age": limits.max_age.map_or(0, nanos),
        "max_bytes": limits.max_bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        "num_replicas": limits.replicas,
        "duplicate_window": nanos(limits.duplicate_window),
        "allow_direct": true,
    }))
}

/// The server never gives up on a delivery and never delays one on its own: the runtime counts attempts and asks for
/// each delay, so that a failure is dead-lettered before the server forgets it.
fn consumer_config(subscription: &SubscriptionSpec) -> Map<String, Value> {
    let mut config = object(json!({
        "durable_name": subscription.durable,
        "name": subscription.durable,
        "ack_policy": "explicit",
        "ack_wait": nanos(subscription.ack_wait),
        "max_deliver": -1,
        "max_ack_pending": subscription.max_ack_pending,
        "replay_policy": "instant",
    }));
    match subscription.filters {
        [filter] => config.insert("filter_subject".into(), (*filter).into()),
        filters => config.insert("filter_subjects".into(), json!(filters)),
    };
    config
}

/// `current` with what `wanted` changes, or nothing where it changes nothing.
fn overlaid(current: Value, wanted: Map<String, Value>) -> Option<Value> {
    let mut config = object(current);
    let before = config.clone();
    if wanted.contains_key("filter_subjects") {
        config.remove("filter_subject");
    } else if wanted.contains_key("filter_subject") {
        config.remove("filter_subjects");
    }
    config.extend(wanted);
    (config != before).then_some(Value::Object(config))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
