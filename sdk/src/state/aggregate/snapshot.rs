//! An aggregate written down, so that not all of its events have to be read. Never more than a short cut: what the stream
//! says counts.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::loaded::Last;
use super::written::{Fault, Subject, Written};
use super::{Aggregate, Aggregates, History, Kind as _, Loaded};
use crate::Tidings;
use crate::contract::union::versions;
use crate::kv::Bucket;

/// An aggregate that can be written down.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tidings::aggregate::{Aggregate, Snapshot};
/// # use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
/// # #[derive(tidings::EventUnion)]
/// # enum OrderEvent { Created(Box<OrderCreated>), StatusChanged(OrderStatusChanged) }
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Order {
///     changes: u32,
/// }
///
/// impl Aggregate for Order {
///     // …
/// #     type Kind = orders::aggregates::Order;
/// #     type Event = OrderEvent;
/// #     fn apply(&mut self, _: OrderEvent) { self.changes += 1; }
/// }
///
/// impl Snapshot for Order {
///     const NAME: &'static str = "order";
///     const VERSION: u32 = 2; // 1 did not count changes
/// }
/// ```
pub trait Snapshot: Aggregate + Serialize + DeserializeOwned {
    /// What this type is called in the bucket, among all that are made of the same events: letters, digits, `-` and `_`.
    /// What another one has written down is not used.
    const NAME: &'static str;

    /// Which shape of the state this is. Count it up when the type changes, or what [`apply`](Aggregate::apply) makes of
    /// events: what was written down under another number is not used.
    const VERSION: u32;
}

/// Where aggregates are written down, and how often.
pub(super) struct Snapshots<A> {
    bus: Tidings,
    bucket: Bucket,
    every: NonZeroU64,
    name: &'static str,
    version: u32,
    /// Whether there are personal values in the events that are to be stored with their organization's key alone.
    sealed: bool,
    write: fn(&A) -> serde_json::Result<Box<RawValue>>,
    read: fn(&RawValue) -> serde_json::Result<A>,
    /// Those that are being written.
    underway: Arc<Mutex<HashSet<String>>>,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Snapshot> History<A> {
    /// Writes an aggregate down after this many events of it, and reads only what came since.
    ///
    /// It is done in the background and is never relied on: what is missing, unreadable, of another
    /// [name](Snapshot::NAME) or [version](Snapshot::VERSION), or of another stream is not used. The bucket may forget what
    /// it holds at any time. One bucket can hold the snapshots of several kinds of aggregates.
    ///
    /// Where some of the events have encrypted fields, so is the state, as a whole and with the keys of the
    /// organization: it is erased with them. Otherwise the bucket is as personal as the state is.
    #[must_use]
    pub fn snapshots(mut self, bucket: Bucket, every: NonZeroU64) -> Self {
        self.snapshots = Some(Arc::new(Snapshots {
            bus: self.bus.clone(),
            bucket,
            every,
            name: A::NAME,
            version: A::VERSION,
            sealed: versions::<A::Event>().any(|spec| !spec.encrypted.is_empty()),
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
        let subject = self.subject(id);
        let key = subject.key();
        let entry = match self.bucket.get(&key).await {
            Ok(entry) => entry?,
            Err(error) => {
                tracing::warn!(bucket = self.bucket.name(), key, %error, "a snapshot cannot be read");
                return None;
            }
        };
        let opened = Written::read(&entry.value, &subject, &self.bus).await;
        let read = opened.and_then(|(written, state)| {
            let state = (self.read)(&state)?;
            Ok((written, state))
        });
        match read {
            Ok((written, state)) => {
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
            Err(fault) => {
                tell(&self.bucket, &key, &fault, "a snapshot is not used");
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
        let key = self.subject(&loaded.id).key();
        // Before anything is written: one who loads it a hundred times at once writes it once.
        if !self.underway.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            return;
        }
        loaded.kept = loaded.events;
        let state = (self.write)(&loaded.state);
        let (events, organization) = (loaded.events, loaded.organization.clone());
        let written = Written { sequence: last.sequence, event: last.id, events, organization };
        let (bus, bucket) = (self.bus.clone(), self.bucket.clone());
        let (id, underway) = (loaded.id.clone(), Arc::clone(&self.underway));
        let subject = self.subject("");
        tokio::spawn(async move {
            let subject = Subject { id: &id, ..subject };
            let outcome = match state {
                Ok(state) => written.write(state, &subject, &bus, &bucket).await,
                Err(error) => Err(error.into()),
            };
            if let Err(fault) = outcome {
                tell(&bucket, &key, &fault, "a snapshot is not written");
            }
            underway.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        });
    }

    fn subject<'a>(&self, id: &'a str) -> Subject<'a> {
        let (name, version, sealed) = (self.name, self.version, self.sealed);
        Subject { kind: A::Kind::SPEC.name, name, version, sealed, id }
    }
}

fn tell(bucket: &Bucket, key: &str, fault: &Fault, what: &str) {
    let (bucket, reason) = (bucket.name(), fault.words.as_str());
    match fault.is_wanted {
        true => tracing::debug!(bucket, key, reason, "{what}"),
        false => tracing::warn!(bucket, key, reason, "{what}"),
    }
}
