//! How far something has come, as others may keep it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::HandlerError;
use crate::kv::Bucket;

/// A place in a stream, or in a file of events: everything up to it is done.
///
/// ```
/// use tidings::Place;
///
/// /// As a database keeps it.
/// fn column(place: &Place) -> serde_json::Result<String> {
///     println!("{} of {}", place.sequence, place.source);
///     serde_json::to_string(place)
/// }
/// # let _ = column;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Place {
    /// The stream's name, or the file's path.
    pub source: String,
    /// When the stream was created: one of the same name that is created anew counts from 1 again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// The sequence, or the line.
    pub sequence: u64,
}

/// Keeps the [`Place`] that something has come to: in a file, where a path is given, or wherever your own type does.
///
/// What is made of the events is right after a crash too where the place is written with it in one transaction. Then
/// [`save`](Self::save) has nothing to do:
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// use tidings::{Checkpoint, HandlerError, Place};
///
/// # struct Database;
/// # impl Database { async fn place(&self, _: &str) -> std::io::Result<Option<String>> { Ok(None) } }
/// struct InTheDatabase(Database);
///
/// impl Checkpoint for InTheDatabase {
///     async fn load(&mut self) -> Result<Option<Place>, HandlerError> {
///         let place = self.0.place("order-book").await?; // SELECT place FROM projections WHERE name = $1
///         Ok(place.map(|place| serde_json::from_str(&place)).transpose()?)
///     }
///
///     async fn save(&mut self, _: &Place) -> Result<(), HandlerError> {
///         Ok(()) // each event's own transaction has written its place
///     }
/// }
/// ```
pub trait Checkpoint: Send + Sync + 'static {
    /// The place to go on behind; none to begin with.
    fn load(&mut self) -> impl Future<Output = Result<Option<Place>, HandlerError>> + Send;

    /// Everything up to here is done. Called twice a second at most, and at the end.
    fn save(&mut self, place: &Place) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

/// Keeps the place in a key of a bucket.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use tidings::kv::BucketConfig;
/// use tidings::{Event as _, KvCheckpoint};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let places = bus.ensure_bucket(&BucketConfig::new("places")).await?;
/// let members = bus.replay(UserCreated::SPEC).checkpoint_in(KvCheckpoint::new(places, "members"));
/// members.each_untyped(|_, _| async { Ok(()) }).await?; // the next one goes on where this one has ended
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct KvCheckpoint {
    bucket: Bucket,
    key: String,
}

impl KvCheckpoint {
    /// In this key.
    pub fn new(bucket: Bucket, key: impl Into<String>) -> Self {
        Self { bucket, key: key.into() }
    }
}

impl Checkpoint for KvCheckpoint {
    async fn load(&mut self) -> Result<Option<Place>, HandlerError> {
        let entry = self.bucket.get(&self.key).await?;
        Ok(entry.map(|entry| serde_json::from_slice(&entry.value)).transpose()?)
    }

    async fn save(&mut self, place: &Place) -> Result<(), HandlerError> {
        self.bucket.put(&self.key, serde_json::to_vec(place)?).await?;
        Ok(())
    }
}

type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, HandlerError>> + Send + 'a>>;

/// A [`Checkpoint`] of any type.
pub(super) trait AnyCheckpoint: Send + Sync {
    fn load(&mut self) -> Pending<'_, Option<Place>>;
    fn save<'a>(&'a mut self, place: &'a Place) -> Pending<'a, ()>;
}

impl<C: Checkpoint> AnyCheckpoint for C {
    fn load(&mut self) -> Pending<'_, Option<Place>> {
        Box::pin(Checkpoint::load(self))
    }

    fn save<'a>(&'a mut self, place: &'a Place) -> Pending<'a, ()> {
        Box::pin(Checkpoint::save(self, place))
    }
}

impl fmt::Debug for dyn AnyCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checkpoint")
    }
}
