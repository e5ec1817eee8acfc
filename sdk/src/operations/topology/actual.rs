use std::collections::BTreeMap;

use super::desired::Desired;
use crate::broker::jetstream::{ConsumerInfo, JetStream, StreamInfo};
use crate::{BrokerError, resilience::retry};

/// How much of a server is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// What the catalog names, which a service may ask for that may list nothing.
    Catalog,
    /// All streams, and all consumers of the catalog's.
    Server,
}

/// What a server has.
#[derive(Clone, Debug, Default)]
pub(super) struct Actual {
    /// By name.
    pub(super) streams: BTreeMap<String, StreamInfo>,
    /// By stream and name.
    pub(super) consumers: BTreeMap<(String, String), ConsumerInfo>,
}

impl Actual {
    pub(super) async fn read(
        server: &JetStream,
        desired: &Desired,
        depth: Depth,
    ) -> Result<Self, BrokerError> {
        match depth {
            Depth::Catalog => Self::of_catalog(server, desired).await,
            Depth::Server => Self::of_server(server, desired).await,
        }
    }

    async fn of_catalog(server: &JetStream, desired: &Desired) -> Result<Self, BrokerError> {
        let mut actual = Self::default();
        for stream in &desired.streams {
            let name = stream.name.as_str();
            if let Some(info) = retry::reaching(|| server.stream_info(name)).await? {
                actual.streams.insert(name.to_owned(), info);
            }
        }
        for consumer in &desired.consumers {
            let (stream, name) = (consumer.stream.as_str(), consumer.name.as_str());
            // Its stream may be nobody's business here, where consumers alone are looked at.
            if desired.stream(stream).is_some() && !actual.streams.contains_key(stream) {
                continue;
            }
            if let Some(info) = retry::reaching(|| server.consumer_info(stream, name)).await? {
                actual.consumers.insert((stream.to_owned(), name.to_owned()), info);
            }
        }
        Ok(actual)
    }

    async fn of_server(server: &JetStream, desired: &Desired) -> Result<Self, BrokerError> {
        let mut actual = Self::default();
        for info in retry::reaching(|| server.all_streams()).await? {
            actual.streams.insert(info.name().to_owned(), info);
        }
        for stream in &desired.streams {
            if !actual.streams.contains_key(&stream.name) {
                continue;
            }
            for info in retry::reaching(|| server.all_consumers(&stream.name)).await? {
                actual.consumers.insert((info.stream.clone(), info.name.clone()), info);
            }
        }
        Ok(actual)
    }
}
