use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;

use super::write::{Change, write};
use super::{BucketConfig, KvError, name};
use crate::broker::{Broker, BucketStream, StoredMessage};
use crate::{BrokerError, Tidings, resilience::retry};

/// Says of a message without a value what became of its key.
pub(super) const OPERATION: &str = "KV-Operation";
/// On a server's own message: the value has grown too old.
const MARKER: &str = "Nats-Marker-Reason";

/// Keys and values. Cheap to clone.
///
/// ```
/// use tidings::kv::{BucketConfig, KvError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), KvError> {
/// # let bus = tidings::Tidings::embedded();
/// let locks = bus.ensure_bucket(&BucketConfig::new("locks")).await?; // or `bus.bucket("locks")?`, where it is there
/// assert_eq!(locks.name(), "locks");
///
/// let held = locks.create("nightly-report", "instance-3").await?; // of several who try at once, one succeeds
/// let late = locks.create("nightly-report", "instance-4").await;
/// assert!(matches!(late, Err(KvError::Conflict { .. })));
///
/// let held = locks.update("nightly-report", "instance-3, half done", held).await?;
/// locks.delete_at("nightly-report", held).await?; // only where it is still ours
/// assert!(locks.get("nightly-report").await?.is_none());
///
/// locks.put("greeting", "hello").await?; // whatever was there
/// locks.delete("greeting").await?; //       its former values stay, as far as the bucket keeps them
/// locks.purge("greeting").await?; //        and these go too
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Bucket {
    pub(super) bus: Tidings,
    pub(super) name: String,
    pub(super) stream: &'static str,
}

/// The value of a key.
///
/// ```
/// use tidings::kv::{BucketConfig, Entry, KvError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), KvError> {
/// # let bus = tidings::Tidings::embedded();
/// let bucket = bus.ensure_bucket(&BucketConfig::new("rates")).await?;
/// bucket.put("eur.usd", "1.08").await?;
/// if let Some(Entry { value, revision, time }) = bucket.get("eur.usd").await? {
///     let rate = String::from_utf8_lossy(&value);
///     println!("{rate} since {time}, the change number {revision} of the bucket");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value.
    pub value: Bytes,
    /// Counts all changes of the bucket; the one to expect for [`Bucket::update`].
    pub revision: u64,
    /// When it was written.
    pub time: Timestamp,
}

impl Tidings {
    /// A bucket that exists already: nobody is asked before it is used.
    ///
    /// # Errors
    /// Not the name of a bucket.
    pub fn bucket(&self, name: impl Into<String>) -> Result<Bucket, KvError> {
        let name = name.into();
        let stream = name::stream(&name)?;
        Ok(Bucket { bus: self.clone(), name, stream })
    }

    /// Creates a bucket, or brings it to what is wanted, as far as it does not keep less then: see [`Tidings::ensure`].
    ///
    /// # Errors
    /// Not the name of a bucket, or the broker refuses or does not answer.
    pub async fn ensure_bucket(&self, config: &BucketConfig) -> Result<Bucket, KvError> {
        let bucket = self.bucket(config.name.as_str())?;
        let stream = BucketStream {
            name: bucket.stream,
            subjects: vec![format!("$KV.{}.>", bucket.name)],
            history: Some(config.history),
            limits: &config.limits,
            compressed: false,
        };
        let ensured = retry::reaching(|| self.broker().ensure_bucket(&stream)).await;
        ensured.map_err(|source| bucket.broker_error(source))?;
        Ok(bucket)
    }
}

impl Bucket {
    /// The bucket's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The last value of a key, unless it was deleted.
    ///
    /// # Errors
    /// Not a key, or the bucket cannot be read.
    pub async fn get(&self, key: &str) -> Result<Option<Entry>, KvError> {
        let last = self.last(&name::subject(&self.name, key)?).await?;
        Ok(last.filter(|last| !is_deletion(last)).map(|last| Entry {
            value: last.payload,
            revision: last.sequence,
            time: last.time,
        }))
    }

    /// Writes a value, whatever was there before, and returns its revision.
    ///
    /// # Errors
    /// Not a key, or the bucket cannot be written, or it is [unknown](KvError::Unknown) whether it was.
    pub async fn put(&self, key: &str, value: impl Into<Bytes>) -> Result<u64, KvError> {
        write(self, key, Change::Value(value.into()), None).await
    }

    /// Writes the value of a key that has none, or none any more: of several who try at once, one succeeds.
    ///
    /// # Errors
    /// [`KvError::Conflict`] where it has one; else as for [`put`](Self::put).
    pub async fn create(&self, key: &str, value: impl Into<Bytes>) -> Result<u64, KvError> {
        let change = Change::Value(value.into());
        let first = write(self, key, change.clone(), Some(0)).await;
        let Err(KvError::Conflict { .. }) = first else { return first };
        match self.last(&name::subject(&self.name, key)?).await? {
            Some(last) if is_deletion(&last) => write(self, key, change, Some(last.sequence)).await,
            _ => first,
        }
    }

    /// Writes a value where the key's last one has the expected revision.
    ///
    /// # Errors
    /// [`KvError::Conflict`] where it has another; else as for [`put`](Self::put).
    pub async fn update(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        revision: u64,
    ) -> Result<u64, KvError> {
        write(self, key, Change::Value(value.into()), Some(revision)).await
    }

    /// Deletes a key; its former values stay as long as the bucket keeps them. Nothing is wrong where it has none.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    pub async fn delete(&self, key: &str) -> Result<(), KvError> {
        write(self, key, Change::Delete, None).await.map(drop)
    }

    /// Deletes a key where its last value has the expected revision.
    ///
    /// # Errors
    /// [`KvError::Conflict`] where it has another; else as for [`put`](Self::put).
    pub async fn delete_at(&self, key: &str, revision: u64) -> Result<(), KvError> {
        write(self, key, Change::Delete, Some(revision)).await.map(drop)
    }

    /// Deletes a key with all of its values.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    pub async fn purge(&self, key: &str) -> Result<(), KvError> {
        write(self, key, Change::Purge, None).await.map(drop)
    }

    pub(super) async fn last(&self, subject: &str) -> Result<Option<StoredMessage>, KvError> {
        let broker = self.broker();
        let last = retry::reaching(|| broker.last_message(self.stream, subject)).await;
        last.map_err(|source| self.broker_error(source))
    }

    pub(super) fn broker(&self) -> &Broker {
        self.bus.broker()
    }

    pub(super) fn broker_error(&self, source: BrokerError) -> KvError {
        KvError::Broker { bucket: self.name.clone(), source }
    }
}

fn is_deletion(message: &StoredMessage) -> bool {
    message.headers.get(OPERATION).is_some() || message.headers.get(MARKER).is_some()
}

impl fmt::Debug for Entry {
    /// Without the value, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("bytes", &self.value.len())
            .field("revision", &self.revision)
            .field("time", &self.time)
            .finish()
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_shown() {
        let value = Bytes::from_static(b"ann@example.com");
        let entry = Entry { value, revision: 7, time: Timestamp::UNIX_EPOCH };
        let shown = "Entry { bytes: 15, revision: 7, time: 1970-01-01T00:00:00Z }";
        assert_eq!(format!("{entry:?}"), shown);
    }
}
