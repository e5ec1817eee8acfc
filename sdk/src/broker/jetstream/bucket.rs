//! The stream of a bucket, as every NATS client makes it.

use serde_json::{Map, Value, json};

use super::topology::{nanos, object, overlaid, storage};
use super::{JetStream, api};
use crate::broker::BrokerError;
use crate::kv::BucketConfig;

pub(super) async fn ensure(
    broker: &JetStream,
    stream: &str,
    bucket: &BucketConfig,
) -> Result<(), BrokerError> {
    let wanted = config(stream, bucket);
    match api::call(broker, &format!("STREAM.INFO.{stream}"), &Value::Null).await {
        Ok(mut info) => match overlaid(info["config"].take(), wanted) {
            Some(changed) => {
                api::call(broker, &format!("STREAM.UPDATE.{stream}"), &changed).await.map(drop)
            }
            None => Ok(()),
        },
        Err(BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. }) => {
            let method = format!("STREAM.CREATE.{stream}");
            api::call(broker, &method, &Value::Object(wanted)).await.map(drop)
        }
        Err(error) => Err(error),
    }
}

fn config(stream: &str, bucket: &BucketConfig) -> Map<String, Value> {
    let BucketConfig { name, history, limits } = bucket;
    object(json!({
        "name": stream,
        "subjects": [format!("$KV.{name}.>")],
        "retention": "limits",
        "discard": "new",
        "storage": storage(limits.storage),
        "max_msgs_per_subject": history,
        "max_age": limits.max_age.map_or(0, nanos),
        "max_bytes": limits.max_bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        "num_replicas": limits.replicas,
        "duplicate_window": nanos(limits.duplicate_window),
        "allow_direct": true,
        "allow_rollup_hdrs": true,
        "deny_delete": true,
    }))
}
