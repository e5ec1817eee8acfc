//! An aggregate written down, so that not all of its events have to be read. Never more than a short cut: what the stream
//! says counts.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::loaded::Last;
use super::{Aggregate, Aggregates, History, Kind as _, Loaded};
use crate::kv::Bucket;

/// An aggregate that can be written down.
pub trait Snapshot: Aggregate + Serialize + DeserializeOwned {
    /// Which shape of the state this is. Count it up when the type changes, or what [`apply`](Aggregate::apply) makes of
    /// events: what was written down under another number is not used.
    const VERSION: u32;
}

/// Where aggregates are written down, and how often.
pub(super) struct Snapshots<A> {
    bucket: Bucket,
    every: NonZeroU64,
    version: u32,
    write: fn(&A) -> serde_json::Result<Box<RawValue>>,
    read: fn(&RawValue) -> serde_json::Result<A>,
    /// Those that are being written.
    underway: Arc<Mutex<HashSet<String>>>,
    aggregate: PhantomData<fn() -> A>,
}

/// What a key holds.
#[derive(Deserialize, Serialize)]
struct Written {
    version: u32,
    events: u64,
    sequence: u64,
    event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
    state: Box<RawValue>,
}

impl<A: Snapshot> History<A> {
    /// Writes an aggregate down after this many events of it, and reads only what came since.
    ///
    /// It is done in the background and is never relied on: what is missing, unreadable, of another
    /// [version](Snapshot::VERSION) or of another stream is not used. The bucket may forget what it holds at any time; it
    /// is as personal as the state is. One bucket can hold the snapshots of several kinds of aggregates.
    #[must_use]
    pub fn snapshots(mut self, bucket: Bucket, every: NonZeroU64) -> Self {
        self.snapshots = Some(Arc::new(Snapshots {
            bucket,
            every,
            version: A::VERSION,
            write: |state| serde_json::value::to_raw_value(state),
            read: |state| serde_json::from_str(state.get()),
            underway: Arc::default(),
            aggregate: PhantomData,
        }));
        self
    }
}

impl<A: Snapshot, S> Aggregates<A, S> {
    /// Writes an aggregate down after this many events of it; see [`History::snapshots`].
    #[must_use]
    pub fn snapshots(mut self, bucket: Bucket, every: NonZeroU64) -> Self {
        self.history = self.history.snapshots(bucket, every);
        self
    }
}

impl<A: Aggregate> Snapshots<A> {
    /// What was written down of an aggregate, if it can be used.
    pub(super) async fn read(
        &self,
        id: &str,
        filter: &str,
        organization: Option<&str>,
    ) -> Option<Loaded<A>> {
        let key = self.key(id);
        let entry = match self.bucket.get(&key).await {
            Ok(entry) => entry?,
            Err(error) => {
                tracing::warn!(bucket = self.bucket.name(), key, %error, "a snapshot cannot be read");
                return None;
            }
        };
        let read = serde_json::from_slice(&entry.value)
            .and_then(|written: Written| Ok(((self.read)(&written.state)?, written)));
        match read {
            Ok((state, written)) if written.version == self.version => {
                let whose = written.organization.as_deref();
                // Whoever asks for another's has to be told so by the events themselves.
                if whose.is_some() && organization.is_some() && whose != organization {
                    return None;
                }
                let mut loaded = Loaded::new(id.to_owned(), filter.to_owned(), state);
                loaded.events = written.events;
                loaded.kept = written.events;
                loaded.organization = written.organization;
                loaded.last = Some(Last { sequence: written.sequence, id: written.event });
                Some(loaded)
            }
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(bucket = self.bucket.name(), key, %error, "a snapshot is not used");
                None
            }
        }
    }

    /// Writes an aggregate down if it is time to, in the background.
    pub(super) fn keep(&self, loaded: &mut Loaded<A>) {
        if loaded.events < loaded.kept + self.every.get() {
            return;
        }
        let Some(last) = loaded.last.clone() else { return };
        let key = self.key(&loaded.id);
        // Before anything is written: one who loads it a hundred times at once writes it once.
        if !self.underway.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            return;
        }
        loaded.kept = loaded.events;
        let state = (self.write)(&loaded.state);
        let written = state.and_then(|state| {
            serde_json::to_vec(&Written {
                version: self.version,
                events: loaded.events,
                sequence: last.sequence,
                event: last.id,
                organization: loaded.organization.clone(),
                state,
            })
        });
        let (bucket, underway) = (self.bucket.clone(), Arc::clone(&self.underway));
        tokio::spawn(async move {
            let outcome = match written {
                Ok(written) => bucket.put(&key, written).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = outcome {
                tracing::warn!(bucket = bucket.name(), key, error, "a snapshot is not written");
            }
            underway.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        });
    }

    /// Keys hold fewer characters than subjects do. Each version has its own, so that instances of two do not take turns.
    fn key(&self, id: &str) -> String {
        let mut key = format!("{}.v{}.", A::Kind::SPEC.name, self.version);
        for byte in id.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => key.push(char::from(byte)),
                byte => _ = write!(key, "={byte:02X}"),
            }
        }
        key
    }
}
