use std::convert::Infallible;
use std::fmt;

use bytes::Bytes;

use super::digest::Digest;
use super::info::Entry;
use super::{ObjectError, ObjectInfo, ObjectReader, ObjectsConfig, name};
use crate::broker::{Beginning, Broker, BucketStream, Outgoing, ROLLUP, ReaderSpec, StoredMessage};
use crate::message::headers::Headers;
use crate::storage::bucket::{self, Judged, Unwritten};
use crate::{BrokerError, Tidings, resilience::retry};

/// Bytes of a part, where the server takes messages of that size.
const CHUNK: usize = 128 * 1024;
/// What a part's headers and the server's own take of a message.
const AROUND: usize = 1024;
/// A bucket of objects. Cheap to clone.
///
/// ```
/// use tidings::objects::{ObjectError, ObjectsConfig};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ObjectError> {
/// # let bus = tidings::Tidings::embedded();
/// let scans = bus.ensure_objects(&ObjectsConfig::new("scans")).await?; // or `bus.objects("scans")?`, where it is there
/// assert_eq!(scans.name(), "scans");
///
/// scans.put("2026/invoice-7.pdf", vec![0; 300_000]).await?; // seen once it is whole
/// let whole = scans.get("2026/invoice-7.pdf", 1 << 20).await?.expect("it was put there");
/// assert_eq!(whole.len(), 300_000);
/// let refused = scans.get("2026/invoice-7.pdf", 1000).await; // says so without having read it
/// assert!(matches!(refused, Err(ObjectError::TooLarge { size: 300_000, .. })));
///
/// let mut reader = scans.read("2026/invoice-7.pdf").await?.expect("it was put there");
/// println!("{} bytes", reader.info().size);
/// while let Some(part) = reader.next().await? {
///     println!("{} more", part.len()); // never the whole of it in memory
/// }
///
/// for object in scans.list().await? {
///     scans.delete(&object.name).await?;
/// }
/// assert!(scans.info("2026/invoice-7.pdf").await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Objects {
    pub(super) bus: Tidings,
    pub(super) name: String,
    pub(super) stream: &'static str,
}

impl Tidings {
    /// A bucket of objects that exists already: nobody is asked before it is used.
    ///
    /// # Errors
    /// Not the name of a bucket.
    pub fn objects(&self, name: impl Into<String>) -> Result<Objects, ObjectError> {
        let name = name.into();
        let stream = name::stream(&name)?;
        Ok(Objects { bus: self.clone(), name, stream })
    }

    /// Creates a bucket of objects, or brings it to what is wanted.
    ///
    /// # Errors
    /// Not the name of a bucket, or the broker refuses or does not answer.
    pub async fn ensure_objects(&self, config: &ObjectsConfig) -> Result<Objects, ObjectError> {
        let objects = self.objects(config.name.as_str())?;
        let stream = BucketStream {
            name: objects.stream,
            subjects: name::subjects(&objects.name).into(),
            history: None,
            limits: &config.limits,
            compressed: config.compressed,
        };
        let ensured = retry::reaching(|| self.broker().ensure_bucket(&stream)).await;
        ensured.map_err(|source| objects.broker_error(source))?;
        Ok(objects)
    }
}

impl Objects {
    /// The bucket's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is known about an object; none where there is none, or none any more.
    ///
    /// # Errors
    /// Not the name of an object, or the bucket cannot be read.
    pub async fn info(&self, name: &str) -> Result<Option<ObjectInfo>, ObjectError> {
        match self.entry(name).await? {
            Some(Entry::Object(info)) => Ok(Some(info)),
            Some(Entry::Link) => Err(ObjectError::Link { name: name.to_owned() }),
            Some(Entry::Deleted) | None => Ok(None),
        }
    }

    /// Begins to read an object, part by part; none where there is none.
    ///
    /// # Errors
    /// As for [`info`](Self::info).
    pub async fn read(&self, name: &str) -> Result<Option<ObjectReader>, ObjectError> {
        let info = self.info(name).await?;
        Ok(info.map(|info| ObjectReader::new(self.clone(), info)))
    }

    /// A whole object, of no more than so many bytes; none where there is none.
    ///
    /// # Errors
    /// As for [`info`](Self::info) and [`ObjectReader::next`]; [`ObjectError::TooLarge`] without having read it.
    pub async fn get(&self, name: &str, largest: u64) -> Result<Option<Bytes>, ObjectError> {
        let Some(reader) = self.read(name).await? else { return Ok(None) };
        let size = reader.info().size;
        if size > largest {
            return Err(ObjectError::TooLarge { name: name.to_owned(), size, limit: largest });
        }
        reader.whole().await.map(|whole| Some(whole.into()))
    }

    /// What is known about each object that is there, in the order in which they were put.
    ///
    /// # Errors
    /// The bucket cannot be read.
    pub async fn list(&self) -> Result<Vec<ObjectInfo>, ObjectError> {
        let spec = ReaderSpec {
            stream: self.stream.to_owned(),
            filters: vec![format!("$O.{}.M.>", self.name)],
            from: Beginning::Sequence(1),
        };
        let fault = |source| self.broker_error(source);
        let mut reader = self.broker().reader(spec).map_err(fault)?;
        let mut objects = Vec::new();
        let read = loop {
            match reader.read(false).await {
                Ok(read) if read.is_empty() => break Ok(()),
                Ok(read) => {
                    objects.extend(read.into_iter().filter_map(|read| listed(&read.message)));
                }
                Err(error) => break Err(fault(error)),
            }
        };
        reader.close().await;
        read.map(|()| objects)
    }

    /// Puts an object there, in the place of the one of this name. It is seen once it is whole.
    ///
    /// # Errors
    /// Not the name of an object, or the bucket cannot be written, or it is [unknown](ObjectError::Unknown) whether it was.
    pub async fn put(
        &self,
        name: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<ObjectInfo, ObjectError> {
        let mut rest: Bytes = bytes.into();
        let meta = name::meta(&self.name, name)?;
        let before = self.entry(name).await?;
        let nuid = uuid::Uuid::now_v7().simple().to_string();
        let subject = name::chunks(&self.name, &nuid);
        let chunk_size = CHUNK.min(self.broker().max_payload().saturating_sub(AROUND)).max(1);
        let (size, mut chunks, mut digest) = (rest.len() as u64, 0, Digest::default());
        while !rest.is_empty() {
            let part = rest.split_to(chunk_size.min(rest.len()));
            digest.update(&part);
            let message = self.message(subject.clone(), format!("{nuid}:{chunks}"), part);
            if let Err((error, _)) = self.write(&message).await {
                // Without a word about them, the parts are none of an object.
                self.purge(&subject).await;
                return Err(self.broker_error(error));
            }
            chunks += 1;
        }
        let (name, digest, time) = (name.to_owned(), Some(digest.finish()), self.broker().time());
        let info = ObjectInfo { name, size, chunks, digest, time, nuid };
        let written = self.write_meta(meta, &info.name, info.to_json(&self.name, chunk_size)).await;
        if let Err(error @ ObjectError::Broker { .. }) = written {
            self.purge(&subject).await;
            return Err(error);
        }
        written?;
        if let Some(Entry::Object(before)) = before {
            self.purge(&name::chunks(&self.name, &before.nuid)).await;
        }
        Ok(info)
    }

    /// Deletes an object. Nothing is wrong where there is none.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    pub async fn delete(&self, name: &str) -> Result<(), ObjectError> {
        let Some(Entry::Object(info)) = self.entry(name).await? else { return Ok(()) };
        let meta = name::meta(&self.name, name)?;
        self.write_meta(meta, name, info.to_deletion(&self.name, CHUNK)).await?;
        self.purge(&name::chunks(&self.name, &info.nuid)).await;
        Ok(())
    }

    async fn entry(&self, name: &str) -> Result<Option<Entry>, ObjectError> {
        let meta = name::meta(&self.name, name)?;
        let broker = self.broker();
        let last = retry::reaching(|| broker.last_message(self.stream, &meta)).await;
        let last = last.map_err(|source| self.broker_error(source))?;
        last.map(|message| ObjectInfo::read(name, &message)).transpose()
    }

    async fn write_meta(
        &self,
        subject: String,
        name: &str,
        info: Bytes,
    ) -> Result<(), ObjectError> {
        let id = uuid::Uuid::now_v7().to_string();
        let mut message = self.message(subject, id, info);
        message.headers.push_received(ROLLUP, "sub".to_owned());
        self.write(&message).await.map_err(|(error, unanswered)| match unanswered {
            false => self.broker_error(error),
            true => ObjectError::Unknown { name: name.to_owned(), source: error },
        })
    }

    /// Writes a message; an error comes with whether it may be there nevertheless.
    async fn write(&self, message: &Outgoing) -> Result<(), (BrokerError, bool)> {
        // Nothing is expected, and nothing can be another than expected.
        let judge = |_, _| std::future::ready(Judged::<Infallible>::InFlight);
        match bucket::write(self.broker(), message, judge).await {
            Ok(_) => Ok(()),
            Err(Unwritten::Failed { error, unanswered }) => Err((error, unanswered)),
            Err(Unwritten::Conflict(never)) => match never {},
        }
    }

    /// Removes parts that belong to no object any more. What is left of them takes room until it is too old.
    async fn purge(&self, subject: &str) {
        let purged = self.broker().purge(self.stream, subject).await;
        if let Err(error) = purged {
            tracing::warn!(bucket = self.name, subject, %error, "parts of no object are left");
        }
    }

    fn message(&self, subject: String, message_id: String, payload: Bytes) -> Outgoing {
        Outgoing {
            subject: subject.into(),
            headers: Headers::new(),
            payload,
            message_id,
            stream: self.stream,
            expected_last_subject_sequence: None,
            expected_filter: None,
            claim_check_above: None,
            is_new: false,
        }
    }

    pub(super) fn broker(&self) -> &Broker {
        self.bus.broker()
    }

    pub(super) fn broker_error(&self, source: BrokerError) -> ObjectError {
        ObjectError::Broker { bucket: self.name.clone(), source }
    }
}

/// What one message says of an object that is there.
fn listed(message: &StoredMessage) -> Option<ObjectInfo> {
    let name = name::of_meta(&message.subject)?;
    match ObjectInfo::read(&name, message) {
        Ok(Entry::Object(info)) => Some(info),
        Ok(Entry::Link | Entry::Deleted) | Err(_) => None,
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects").field("name", &self.name).finish_non_exhaustive()
    }
}
