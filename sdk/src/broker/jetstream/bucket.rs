//! The stream of a bucket, as every NATS client makes it.

use serde_json::{Map, Value, json};

use super::topology::{limits_config, limits_of, object, overlaid, storage};
use super::{JetStream, api};
use crate::broker::{BrokerError, keep};
use crate::kv::BucketConfig;

pub(super) async fn ensure(
    broker: &JetStream,
    stream: &str,
    bucket: &BucketConfig,
) -> Result<(), BrokerError> {
    let mut wanted = config(stream, bucket);
    match api::call(broker, &format!("STREAM.INFO.{stream}"), &Value::Null).await {
        Ok(mut info) => {
            let current = info["config"].take();
            let has = limits_of(&current, bucket.limits.storage);
            wanted.extend(limits_config(&keep::limits(stream, &has, &bucket.limits)));
            let history = current["max_msgs_per_subject"].as_u64();
            let history = history.and_then(|values| values.try_into().ok()).unwrap_or(u8::MAX);
            let history = keep::history(&bucket.name, history, bucket.history);
            if history < u8::MAX {
                wanted.insert("max_msgs_per_subject".into(), history.into());
            } else {
                wanted.remove("max_msgs_per_subject");
            }
            match overlaid(current, wanted) {
                Some(changed) => {
                    api::call(broker, &format!("STREAM.UPDATE.{stream}"), &changed).await.map(drop)
                }
                None => Ok(()),
            }
        }
        Err(BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. }) => {
            let method = format!("STREAM.CREATE.{stream}");
            api::call(broker, &method, &Value::Object(wanted)).await.map(drop)
        }
        Err(error) => Err(error),
    }
}

fn config(stream: &str, bucket: &BucketConfig) -> Map<String, Value> {
    let BucketConfig { name, history, limits } = bucket;
    let mut config = limits_config(limits);
    config.extend(object(json!({
        "name": stream,
        "subjects": [format!("$KV.{name}.>")],
        "retention": "limits",
        "discard": "new",
        "storage": storage(limits.storage),
        "max_msgs_per_subject": history,
        "allow_direct": true,
        "allow_rollup_hdrs": true,
        "deny_delete": true,
    })));
    config
}
