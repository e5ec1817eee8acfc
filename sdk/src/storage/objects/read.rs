use bytes::Bytes;

use super::digest::{Digest, are_same};
use super::{ObjectError, ObjectInfo, Objects, name};
use crate::resilience::retry;

/// Reads an object, part by part, and checks it against its digest at the end.
///
/// ```
/// use tidings::objects::{ObjectError, ObjectsConfig};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ObjectError> {
/// # let bus = tidings::Tidings::embedded();
/// # let scans = bus.ensure_objects(&ObjectsConfig::new("scans")).await?;
/// # scans.put("invoice.pdf", vec![0; 300_000]).await?;
/// let Some(mut reader) = scans.read("invoice.pdf").await? else { return Ok(()) };
/// let (size, mut read) = (reader.info().size, 0);
/// while let Some(part) = reader.next().await? {
///     read += part.len() as u64;
///     println!("{read} of {size} bytes");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ObjectReader {
    objects: Objects,
    info: ObjectInfo,
    subject: String,
    /// Behind the last part.
    next: u64,
    /// Parts and bytes so far.
    read: (u64, u64),
    digest: Option<Digest>,
}

impl ObjectReader {
    pub(super) fn new(objects: Objects, info: ObjectInfo) -> Self {
        let subject = name::chunks(&objects.name, &info.nuid);
        Self { objects, info, subject, next: 1, read: (0, 0), digest: Some(Digest::default()) }
    }

    /// What is known about the object.
    pub fn info(&self) -> &ObjectInfo {
        &self.info
    }

    /// The next part; none at the end. What was read counts once the end was reached: only then is it known to be whole.
    ///
    /// # Errors
    /// The bucket cannot be read, or the object is [damaged](ObjectError::Damaged): parts of it are gone, or it is not what
    /// its digest says.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ObjectError> {
        let (parts, bytes) = self.read;
        if parts == self.info.chunks {
            return match self.digest.take() {
                Some(digest) => self.judge(bytes, &digest.finish()).map(|()| None),
                None => Ok(None),
            };
        }
        let Objects { stream, .. } = self.objects;
        let broker = self.objects.broker();
        let part = retry::reaching(|| broker.next_message(stream, &self.subject, self.next)).await;
        let part = part.map_err(|source| self.objects.broker_error(source))?;
        let Some(part) = part else {
            return Err(self.damaged(format!("{parts} of {} parts are there", self.info.chunks)));
        };
        let bytes = bytes + part.payload.len() as u64;
        if bytes > self.info.size {
            return Err(self.damaged(format!("it has more than its {} bytes", self.info.size)));
        }
        self.next = part.sequence + 1;
        self.read = (parts + 1, bytes);
        if let Some(digest) = &mut self.digest {
            digest.update(&part.payload);
        }
        Ok(Some(part.payload))
    }

    /// Holds it to a digest that the caller knows.
    pub(crate) fn expect(&mut self, digest: String) {
        self.info.digest = Some(digest);
    }

    /// All that is left of it.
    pub(crate) async fn whole(mut self) -> Result<Vec<u8>, ObjectError> {
        let mut whole = Vec::new();
        while let Some(part) = self.next().await? {
            whole.extend_from_slice(&part);
        }
        Ok(whole)
    }

    fn judge(&self, bytes: u64, found: &str) -> Result<(), ObjectError> {
        if bytes != self.info.size {
            let fault = format!("it has {bytes} bytes instead of {}", self.info.size);
            return Err(self.damaged(fault));
        }
        match &self.info.digest {
            Some(digest) if !are_same(digest, found) => {
                Err(self.damaged(format!("its digest is `{found}` instead of `{digest}`")))
            }
            _ => Ok(()),
        }
    }

    fn damaged(&self, fault: String) -> ObjectError {
        ObjectError::Damaged { name: self.info.name.clone(), fault }
    }
}
