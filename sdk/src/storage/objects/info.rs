use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::ObjectError;
use crate::broker::StoredMessage;

/// What is known about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// In how many parts it is kept.
    pub chunks: u64,
    /// `SHA-256=` and the digest in base64 for URLs; none where its writer left it out.
    pub digest: Option<String>,
    /// When it was put.
    pub time: Timestamp,
    /// What tells its parts from those that were put under its name before.
    pub(super) nuid: String,
}

/// What lies under an object's name.
pub(super) enum Entry {
    Object(ObjectInfo),
    Link,
    Deleted,
}

impl ObjectInfo {
    /// As every client writes it.
    pub(super) fn to_json(&self, bucket: &str, chunk_size: usize) -> Bytes {
        self.json(bucket, chunk_size, Map::new()).into()
    }

    /// What stands in its place once it is gone.
    pub(super) fn to_deletion(&self, bucket: &str, chunk_size: usize) -> Bytes {
        let gone = Self { size: 0, chunks: 0, ..self.clone() };
        let deleted = Map::from_iter([("deleted".to_owned(), Value::Bool(true))]);
        gone.json(bucket, chunk_size, deleted).into()
    }

    fn json(&self, bucket: &str, chunk_size: usize, more: Map<String, Value>) -> String {
        let mut info = Map::from_iter([
            ("name".to_owned(), json!(self.name)),
            ("options".to_owned(), json!({ "max_chunk_size": chunk_size })),
            ("bucket".to_owned(), json!(bucket)),
            ("nuid".to_owned(), json!(self.nuid)),
            ("size".to_owned(), json!(self.size)),
            ("mtime".to_owned(), json!(self.time.to_string())),
            ("chunks".to_owned(), json!(self.chunks)),
        ]);
        if let Some(digest) = &self.digest {
            info.insert("digest".to_owned(), json!(digest));
        }
        info.extend(more);
        Value::Object(info).to_string()
    }

    /// Reads what some client has written.
    pub(super) fn read(name: &str, message: &StoredMessage) -> Result<Entry, ObjectError> {
        let damaged = |fault: &str| ObjectError::Damaged {
            name: name.to_owned(),
            fault: format!("what is said about it {fault}"),
        };
        let info: Value =
            serde_json::from_slice(&message.payload).map_err(|_| damaged("is not JSON"))?;
        if info["deleted"] == true {
            return Ok(Entry::Deleted);
        }
        if info["options"]["link"].is_object() {
            return Ok(Entry::Link);
        }
        let number = |key: &str| info[key].as_u64().ok_or_else(|| damaged("lacks its size"));
        let text = |key: &str| info[key].as_str().map(str::to_owned);
        Ok(Entry::Object(Self {
            name: name.to_owned(),
            size: number("size")?,
            chunks: number("chunks")?,
            digest: text("digest").filter(|digest| !digest.is_empty()),
            time: message.time,
            nuid: text("nuid").ok_or_else(|| damaged("does not say where it is"))?,
        }))
    }
}
