//! What a snapshot is in its bucket.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::Tidings;
use crate::encryption::{EncryptionError, Whole};
use crate::kv::{Bucket, KvError};
use crate::message::personal::plain;

/// What is written down.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The aggregate of the catalog.
    pub(super) kind: &'static str,
    /// The type that is made of it.
    pub(super) name: &'static str,
    pub(super) version: u32,
    pub(super) sealed: bool,
    pub(super) id: &'a str,
}

/// What is known of it beside its state.
pub(super) struct Written {
    pub(super) events: u64,
    pub(super) sequence: u64,
    pub(super) event: String,
    pub(super) organization: Option<String>,
}

/// What a key holds.
#[derive(Deserialize, Serialize)]
struct Stored {
    name: String,
    version: u32,
    events: u64,
    sequence: u64,
    event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
    /// Encrypted, where some of the events are.
    state: Box<RawValue>,
}

impl Subject<'_> {
    /// Each version has its own, so that instances of two do not take turns.
    pub(super) fn key(&self) -> String {
        let mut key = format!("{}.", self.kind);
        escape(&mut key, self.name);
        let _ = write!(key, ".v{}.", self.version);
        escape(&mut key, self.id);
        key
    }

    fn whole<'a>(&'a self, organization: &'a str, what: &'a str) -> Whole<'a> {
        Whole { organization, what, version: self.version, id: self.id }
    }

    fn what(&self) -> String {
        format!("snapshot {} of {}", self.name, self.kind)
    }
}

/// Why a snapshot is not used or not written, without a value of it.
pub(super) struct Fault {
    pub(super) words: String,
    /// Whether it is as somebody wanted it.
    pub(super) is_wanted: bool,
}

impl From<&str> for Fault {
    fn from(words: &str) -> Self {
        Self { words: words.to_owned(), is_wanted: false }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self { words: plain(&error).to_string(), is_wanted: false }
    }
}

impl From<EncryptionError> for Fault {
    fn from(error: EncryptionError) -> Self {
        let is_wanted = matches!(error, EncryptionError::Erased { .. });
        Self { words: error.to_string(), is_wanted }
    }
}

impl From<KvError> for Fault {
    fn from(error: KvError) -> Self {
        Self { words: error.to_string(), is_wanted: false }
    }
}

/// Keys hold fewer characters than subjects do.
fn escape(key: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => key.push(char::from(byte)),
            byte => _ = write!(key, "={byte:02X}"),
        }
    }
}

impl Written {
    /// Reads what a key holds, and the state; or says why it is not used.
    pub(super) async fn read(
        value: &[u8],
        subject: &Subject<'_>,
        bus: &Tidings,
    ) -> Result<(Self, Box<RawValue>), Fault> {
        let stored: Stored = serde_json::from_slice(value)?;
        let Stored { name, version, events, sequence, event, organization, state } = stored;
        if (name.as_str(), version) != (subject.name, subject.version) {
            return Err("it is another type's, or in another version".into());
        }
        let state = match (subject.sealed, organization.as_deref()) {
            (false, _) => state,
            (true, None) => return Err("it names no organization whose it is".into()),
            (true, Some(organization)) => {
                let what = subject.what();
                let sealed = serde_json::from_str(state.get())?;
                let opened = subject.whole(organization, &what).open(bus, &sealed).await;
                RawValue::from_string(opened?)?
            }
        };
        Ok((Self { events, sequence, event, organization }, state))
    }

    /// Writes it with its state.
    pub(super) async fn write(
        self,
        state: Box<RawValue>,
        subject: &Subject<'_>,
        bus: &Tidings,
        bucket: &Bucket,
    ) -> Result<(), Fault> {
        let Self { events, sequence, event, organization } = self;
        let state = match (subject.sealed, organization.as_deref()) {
            (false, _) => state,
            (true, None) => return Err("nobody's key is there to encrypt it with".into()),
            (true, Some(organization)) => {
                let what = subject.what();
                let sealed = subject.whole(organization, &what).seal(bus, state.get()).await;
                to_raw_value(&sealed?)?
            }
        };
        let (name, version) = (subject.name.to_owned(), subject.version);
        let stored = Stored { name, version, events, sequence, event, organization, state };
        let text = serde_json::to_vec(&stored)?;
        bucket.put(&subject.key(), text).await?;
        Ok(())
    }
}
