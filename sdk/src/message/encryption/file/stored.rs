//! What is in an organization's file.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::private;
use crate::encryption::{Key, KeyError, KeyId, Lookup};
use crate::storage::file;

/// How often a file that cannot be read is opened anew.
const AGAIN: u32 = 3;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    /// Whose they are.
    organization: String,
    /// The current one last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<StoredKey>,
    /// When all were deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) erased: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: String,
    secret: Secret,
}

/// Why a file is not read.
enum Fault {
    Io(io::Error),
    Unreadable(serde_json::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

struct Secret(Zeroizing<[u8; 32]>);

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(BASE64.encode(*self.0)))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Borrowed: there is no copy of it to be forgotten.
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let mut secret = Zeroizing::new([0; 32]);
        match BASE64.decode_slice(text.as_bytes(), &mut *secret) {
            Ok(32) => Ok(Self(secret)),
            _ => Err(serde::de::Error::custom("a secret is no 32 bytes in base64")),
        }
    }
}

impl Stored {
    pub(super) fn new(organization: &str) -> Self {
        Self { organization: organization.to_owned(), keys: Vec::new(), erased: None }
    }

    pub(super) fn erased(organization: &str, time: Timestamp) -> Self {
        Self { erased: Some(time), ..Self::new(organization) }
    }

    pub(super) fn push(&mut self, key: &Key) {
        let secret = Secret(Zeroizing::new(*key.secret()));
        self.keys.push(StoredKey { id: key.id().as_str().to_owned(), secret });
    }

    /// None where there is no such file.
    pub(super) fn read(path: &Path, organization: &str) -> Result<Option<Self>, KeyError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            KeyError::new(format!("the keys in `{}` cannot be read", path.display()), error)
        };
        // One that was replaced while it was open is written over: there is another by then.
        let mut read = Self::read_once(path);
        for _ in 0..AGAIN {
            match &read {
                Err(Fault::Unreadable(_)) => read = Self::read_once(path),
                _ => break,
            }
        }
        let stored = match read {
            Ok(Some(stored)) => stored,
            Ok(None) => return Ok(None),
            Err(Fault::Io(error)) => return Err(failed(error.into())),
            Err(Fault::Unreadable(error)) => return Err(failed(error.into())),
        };
        match stored.organization == organization {
            true => Ok(Some(stored)),
            false => Err(failed("they are another organization's".into())),
        }
    }

    fn read_once(path: &Path) -> Result<Option<Self>, Fault> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Fault::Io(error)),
        };
        private(path, 0o600)?;
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        // With room for all of it, so that it is not copied while it grows.
        let size = usize::try_from(size).unwrap_or_default() + 1;
        let mut text = Zeroizing::new(Vec::with_capacity(size));
        file.read_to_end(&mut text)?;
        serde_json::from_slice(&text).map(Some).map_err(Fault::Unreadable)
    }

    /// Replaces the file, or leaves it as it is; then writes over what the old one was, so that no key of it is left behind.
    /// Whoever holds the lock is alone.
    pub(super) fn write(&self, path: &Path) -> Result<(), KeyError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            KeyError::new(format!("the keys in `{}` cannot be written", path.display()), error)
        };
        let mut text = Zeroizing::new(Vec::with_capacity(256 + 128 * self.keys.len()));
        serde_json::to_writer(&mut *text, self).map_err(|error| failed(error.into()))?;
        let old = File::options().write(true).open(path);
        file::replace(path, &text, &mut private_options()).map_err(|error| failed(error.into()))?;
        let over = match old {
            Ok(old) => overwrite(&old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        over.map_err(|error| {
            KeyError::new("the keys are written, and the old ones cannot be written over", error)
        })
    }

    pub(super) fn current(&self) -> Result<Lookup, KeyError> {
        match (self.erased, self.keys.last()) {
            (Some(_), _) => Ok(Lookup::Erased),
            (None, Some(key)) => key.key().map(Lookup::Found),
            (None, None) => Err(super::none(&self.organization)),
        }
    }

    pub(super) fn find(&self, id: &KeyId) -> Result<Lookup, KeyError> {
        if self.erased.is_some() {
            return Ok(Lookup::Erased);
        }
        let key = self.keys.iter().find(|key| key.id == id.as_str());
        let key = key.ok_or_else(|| KeyError::unknown(&self.organization, id))?;
        key.key().map(Lookup::Found)
    }
}

impl StoredKey {
    fn key(&self) -> Result<Key, KeyError> {
        Ok(Key::new(KeyId::new(self.id.as_str())?, *self.secret.0))
    }
}

/// For files that only their owner may read.
pub(super) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Writes zeros over a file that has no name any more.
fn overwrite(mut file: &File) -> io::Result<()> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or_default();
    file.rewind()?;
    file.write_all(&vec![0; length])?;
    file.sync_all()
}
