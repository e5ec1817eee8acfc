//! Streams and consumers as JetStream describes them, read and written as JSON: what this version of the runtime does not
//! know survives being read, changed and written back.

use serde_json::{Map, Value, json};

use super::{JetStream, api, bucket, topology};
use crate::broker::{BrokerError, BucketStream, ConsumerSpec};
use crate::catalog::{StreamLimits, StreamSpec};

/// How a stream or consumer is configured, by JetStream's own names.
pub(crate) type Settings = Map<String, Value>;

/// A stream as it is.
#[derive(Clone, Debug)]
pub(crate) struct StreamInfo {
    pub(crate) settings: Settings,
    /// How many messages it holds.
    pub(crate) messages: u64,
    /// The sequence of the last one that it has taken.
    pub(crate) last: u64,
    /// When it was created: another one of its name has another.
    pub(crate) created: String,
}

impl StreamInfo {
    pub(crate) fn name(&self) -> &str {
        name_of(&self.settings)
    }
}

/// A consumer as it is.
#[derive(Clone, Debug)]
pub(crate) struct ConsumerInfo {
    pub(crate) stream: String,
    pub(crate) name: String,
    pub(crate) settings: Settings,
    /// The first sequence that it may not have settled.
    pub(crate) unsettled_from: u64,
    /// When it was created: another one of its name has another.
    pub(crate) created: String,
}

/// What became of a wish to create something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Creation {
    Created,
    /// Somebody else did, and not quite the same.
    Anticipated,
}

impl JetStream {
    /// The version of the server.
    pub(crate) fn server_version(&self) -> String {
        self.library().client.server_info().version
    }

    /// Whether the server has this version at least.
    pub(crate) fn is_at_least(&self, major: i64, minor: i64) -> bool {
        self.library().client.is_server_compatible(major, minor, 0)
    }

    /// The settings of a stream of the catalog, as far as this server knows them.
    pub(crate) fn wanted_stream(&self, stream: &StreamSpec, limits: &StreamLimits) -> Settings {
        topology::wanted_stream(self, stream, limits)
    }

    /// The settings of a bucket's stream.
    pub(crate) fn wanted_bucket(&self, bucket: &BucketStream<'_>) -> Settings {
        bucket::config(bucket)
    }

    /// The settings of a consumer of the catalog.
    pub(crate) fn wanted_consumer(&self, consumer: &ConsumerSpec) -> Settings {
        topology::wanted_consumer(self, consumer)
    }

    /// The one filter that stands for these where the server needs it: see [`topology::filters`].
    pub(crate) fn covering(&self, filters: &[&str]) -> Option<String> {
        topology::is_mixed(filters).then(|| topology::covering(filters))
    }

    pub(crate) async fn stream_info(&self, name: &str) -> Result<Option<StreamInfo>, BrokerError> {
        let info = api::call(self, &format!("STREAM.INFO.{name}"), &Value::Null).await;
        match info {
            Ok(info) => Ok(Some(stream_info(info))),
            Err(BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How many messages a stream holds on subjects that a filter matches.
    pub(crate) async fn held(&self, stream: &str, filter: &str) -> Result<u64, BrokerError> {
        topology::count(self, stream, filter).await
    }

    /// Every stream of the account.
    pub(crate) async fn all_streams(&self) -> Result<Vec<StreamInfo>, BrokerError> {
        let pages = self.pages("STREAM.LIST", "streams").await?;
        Ok(pages.into_iter().map(stream_info).collect())
    }

    pub(crate) async fn create_stream(&self, settings: Settings) -> Result<Creation, BrokerError> {
        let method = format!("STREAM.CREATE.{}", name_of(&settings));
        created(api::call(self, &method, &Value::Object(settings)).await)
    }

    pub(crate) async fn update_stream(&self, settings: Settings) -> Result<(), BrokerError> {
        let method = format!("STREAM.UPDATE.{}", name_of(&settings));
        api::call(self, &method, &Value::Object(settings)).await.map(drop)
    }

    /// Deletes a stream with all that it holds; nothing happens where it is gone.
    pub(crate) async fn delete_stream(&self, name: &str) -> Result<(), BrokerError> {
        gone(api::call(self, &format!("STREAM.DELETE.{name}"), &Value::Null).await)
    }

    pub(crate) async fn consumer_info(
        &self,
        stream: &str,
        name: &str,
    ) -> Result<Option<ConsumerInfo>, BrokerError> {
        match topology::info(self, stream, name).await {
            Ok(info) => Ok(Some(consumer_info(info))),
            Err(BrokerError::ConsumerMissing { .. } | BrokerError::StreamMissing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every consumer of a stream; none where there is no such stream.
    pub(crate) async fn all_consumers(
        &self,
        stream: &str,
    ) -> Result<Vec<ConsumerInfo>, BrokerError> {
        match self.pages(&format!("CONSUMER.LIST.{stream}"), "consumers").await {
            Ok(pages) => Ok(pages.into_iter().map(consumer_info).collect()),
            Err(BrokerError::Refused { code: api::STREAM_NOT_FOUND, .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn create_consumer(
        &self,
        stream: &str,
        settings: Settings,
    ) -> Result<Creation, BrokerError> {
        created(self.put_consumer(stream, "create", settings).await)
    }

    pub(crate) async fn update_consumer(
        &self,
        stream: &str,
        settings: Settings,
    ) -> Result<(), BrokerError> {
        self.put_consumer(stream, "update", settings).await.map(drop)
    }

    /// Deletes a consumer; nothing happens where it is gone.
    pub(crate) async fn delete_consumer(
        &self,
        stream: &str,
        name: &str,
    ) -> Result<(), BrokerError> {
        gone(api::call(self, &format!("CONSUMER.DELETE.{stream}.{name}"), &Value::Null).await)
    }

    async fn put_consumer(
        &self,
        stream: &str,
        action: &str,
        settings: Settings,
    ) -> Result<Value, BrokerError> {
        let method = format!("CONSUMER.CREATE.{stream}.{}", name_of(&settings));
        let request = json!({ "stream_name": stream, "action": action, "config": settings });
        api::call(self, &method, &request).await
    }

    /// All pages of a listing.
    async fn pages(&self, method: &str, of: &str) -> Result<Vec<Value>, BrokerError> {
        let mut all = Vec::new();
        loop {
            let mut page = api::call(self, method, &json!({ "offset": all.len() })).await?;
            let Value::Array(entries) = page[of].take() else { return Ok(all) };
            let came = entries.len();
            all.extend(entries);
            if came == 0 || page["total"].as_u64().is_none_or(|total| total <= all.len() as u64) {
                return Ok(all);
            }
        }
    }
}

fn name_of(settings: &Settings) -> &str {
    settings.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn created(answer: Result<Value, BrokerError>) -> Result<Creation, BrokerError> {
    match answer {
        Ok(_) => Ok(Creation::Created),
        Err(BrokerError::Refused {
            code: api::STREAM_NAME_IN_USE | api::CONSUMER_EXISTS | api::CONSUMER_NAME_IN_USE,
            ..
        }) => Ok(Creation::Anticipated),
        Err(error) => Err(error),
    }
}

fn gone(answer: Result<Value, BrokerError>) -> Result<(), BrokerError> {
    match answer {
        Ok(_)
        | Err(BrokerError::Refused {
            code: api::STREAM_NOT_FOUND | api::CONSUMER_NOT_FOUND, ..
        }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn stream_info(mut info: Value) -> StreamInfo {
    let messages = info["state"]["messages"].as_u64().unwrap_or_default();
    let last = info["state"]["last_seq"].as_u64().unwrap_or_default();
    let created = info["created"].as_str().unwrap_or_default().to_owned();
    StreamInfo { settings: topology::object(info["config"].take()), messages, last, created }
}

fn consumer_info(mut info: Value) -> ConsumerInfo {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    // Before anything was handed out, servers before 2.11 know a floor of 0, wherever the consumer begins.
    let floor = match count(&info["delivered"]["consumer_seq"]) {
        0 => count(&info["delivered"]["stream_seq"]),
        _ => count(&info["ack_floor"]["stream_seq"]),
    };
    ConsumerInfo {
        stream: text(&info["stream_name"]),
        name: text(&info["name"]),
        unsettled_from: floor + 1,
        created: text(&info["created"]),
        settings: topology::object(info["config"].take()),
    }
}
