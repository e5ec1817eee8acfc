//! The stream of a bucket, as every NATS client makes it.

use serde_json::{Map, Value, json};

use super::topology::{limits_config, limits_of, object, overlaid, storage};
use super::{JetStream, api};
use crate::broker::{BrokerError, BucketStream, keep};
use crate::catalog::Storage;

pub(super) async fn ensure(
    broker: &JetStream,
    bucket: &BucketStream<'_>,
) -> Result<(), BrokerError> {
    let (stream, mut wanted) = (bucket.name, config(bucket));
    match api::call(broker, &format!("STREAM.INFO.{stream}"), &Value::Null).await {
        Ok(mut info) => {
            let current = info["config"].take();
            let has = limits_of(&current, bucket.limits.storage);
            wanted.extend(limits_config(&keep::limits(stream, &has, bucket.limits)));
            if let Some(wants) = bucket.history {
                let history = current["max_msgs_per_subject"].as_u64();
                let history = history.and_then(|values| values.try_into().ok()).unwrap_or(u8::MAX);
                let history = keep::history(stream, history, wants);
                if history < u8::MAX {
                    wanted.insert("max_msgs_per_subject".into(), history.into());
                } else {
                    wanted.remove("max_msgs_per_subject");
                }
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

pub(super) fn config(bucket: &BucketStream<'_>) -> Map<String, Value> {
    let BucketStream { name, subjects, history, limits, compressed } = bucket;
    let mut config = limits_config(limits);
    config.extend(object(json!({
        "name": name,
        "subjects": subjects,
        "retention": "limits",
        "discard": "new",
        "storage": storage(limits.storage),
        "max_msgs_per_subject": history.map_or(-1, i64::from),
        "allow_direct": true,
        "allow_rollup_hdrs": true,
        "deny_delete": history.is_some(),
    })));
    if *compressed && limits.storage == Storage::File {
        config.insert("compression".into(), "s2".into());
    }
    config
}
