use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::Places;
use crate::source::Span;

/// A JetStream stream.
#[derive(Debug)]
pub struct Stream {
    /// Its name, or what it is derived from, in its file.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// The domain that declares it; none for the dead letters' stream.
    pub domain: Option<String>,
    /// What it captures; sorted.
    pub subjects: Vec<String>,
    /// Its limits where no environment says otherwise.
    pub limits: StreamLimits,
    /// Its limits by environment, for those that change any.
    pub environments: BTreeMap<String, StreamLimits>,
    /// Where its settings are written, by key; also where a default gives them. Those of an environment have its
    /// name before the key: `production/replicas`.
    pub places: Places,
}

/// What bounds a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// Where messages are kept.
    pub storage: Storage,
    /// Messages older than this are removed; none for no limit.
    pub max_age: Option<Duration>,
    /// The oldest messages are removed above this many bytes; none for no limit.
    pub max_bytes: Option<u64>,
    /// Copies over the cluster's servers.
    pub replicas: u8,
    /// How long the server remembers message ids.
    pub duplicate_window: Duration,
}

/// Where a stream keeps its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// On disk.
    File,
    /// In memory: gone with the server.
    Memory,
}

/// Where failed deliveries go.
#[derive(Debug)]
pub struct DeadLetters {
    /// Name of the stream; it stands in [`Catalog::streams`](super::Catalog::streams) too.
    pub stream: String,
    /// First token of its subjects (`dlq`).
    pub subject: String,
}
