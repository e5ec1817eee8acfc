//! Keys in a directory: one file for each organization.

mod stored;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use self::stored::Stored;
use super::{Key, KeyError, KeyFuture, KeyId, KeyProvider, Lookup};

/// Held by whoever changes something, so that processes do not undo each other's changes.
const LOCK: &str = ".lock";
/// The longest name of a file.
const LONGEST: usize = 255;

/// Keys of organizations in a directory, one file each, for services of one machine or with a volume in common.
///
/// ```
/// # #[cfg(unix)]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use tidings::encryption::FileKeys;
///
/// # let folder = std::env::temp_dir().join(format!("tidings-keys-{}", std::process::id()));
/// let keys = FileKeys::open(&folder)?;
/// keys.create("acme")?;
/// keys.rotate("acme")?; // for new events; the old ones stay readable
/// keys.erase("acme")?; // for good
/// assert!(keys.create("acme").is_err());
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// # #[cfg(not(unix))]
/// # fn main() {}
/// ```
///
/// Nobody but their owner may read the directory (0700) and its files (0600); what others may read is refused. Files are
/// replaced as a whole, so that readers see the old keys or the new ones, and whoever changes something holds a lock, so that
/// any number of processes may do so. An organization that was erased keeps a file that says so, and never gets a key again.
///
/// Erasing writes over the old file's bytes, but file systems, disks and backups may keep what was there before: back keys
/// up apart from events, and for no longer than an erasure may take. Its methods do blocking file access.
#[derive(Clone, Debug)]
pub struct FileKeys {
    folder: Arc<Path>,
    creates: bool,
}

impl FileKeys {
    /// The keys in a directory, which is made if it is not there.
    ///
    /// # Errors
    /// It cannot be made, or others may read it.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, KeyError> {
        let folder = folder.into();
        let failed = |error| {
            KeyError::new(format!("`{}` is no directory for keys", folder.display()), error)
        };
        if !folder.exists() {
            make(&folder).map_err(failed)?;
        }
        private(&folder, 0o700).map_err(failed)?;
        Ok(Self { folder: folder.into(), creates: false })
    }

    /// Gives an organization a key when its first event is published, instead of refusing it. Only where all publishers have
    /// the same directory: otherwise each would have a key that the others do not know.
    ///
    /// ```no_run
    /// use tidings::encryption::FileKeys;
    ///
    /// let keys = FileKeys::open("/var/lib/shop/keys")?.creating();
    /// # let _ = keys;
    /// # Ok::<(), tidings::encryption::KeyError>(())
    /// ```
    #[must_use]
    pub fn creating(self) -> Self {
        Self { creates: true, ..self }
    }

    /// Gives an organization its first key, and returns the key's id.
    ///
    /// # Errors
    /// It has one, or was erased; or the file cannot be written.
    pub fn create(&self, organization: &str) -> Result<KeyId, KeyError> {
        self.change(organization, |stored| match stored {
            None => Ok(()),
            Some(_) => Err(KeyError::because(format!("`{organization}` has keys already"))),
        })
    }

    /// Gives an organization a new key for its new events, and returns the key's id. What was encrypted with the old ones
    /// stays readable.
    ///
    /// # Errors
    /// It has none, or was erased; or the file cannot be written.
    pub fn rotate(&self, organization: &str) -> Result<KeyId, KeyError> {
        self.change(organization, |stored| match stored {
            Some(_) => Ok(()),
            None => Err(none(organization)),
        })
    }

    /// Deletes every key of an organization, for good: its encrypted values cannot be read any more.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn erase(&self, organization: &str) -> Result<(), KeyError> {
        let _lock = self.lock()?;
        let path = self.path(organization)?;
        // What cannot be read may hold keys all the same.
        if let Ok(Some(Stored { erased: Some(_), .. })) = Stored::read(&path, organization) {
            return Ok(());
        }
        Stored::erased(organization, Timestamp::now()).write(&path)
    }

    /// Adds a key, if what there is allows it.
    fn change(
        &self,
        organization: &str,
        allows: impl Fn(Option<&Stored>) -> Result<(), KeyError>,
    ) -> Result<KeyId, KeyError> {
        let _lock = self.lock()?;
        let path = self.path(organization)?;
        let stored = Stored::read(&path, organization)?;
        if stored.as_ref().is_some_and(|stored| stored.erased.is_some()) {
            return Err(KeyError::because(format!("`{organization}` was erased")));
        }
        allows(stored.as_ref())?;
        let key = Key::generate()?;
        let id = key.id().clone();
        let mut stored = stored.unwrap_or_else(|| Stored::new(organization));
        stored.push(&key);
        stored.write(&path)?;
        Ok(id)
    }

    fn find_current(&self, organization: &str) -> Result<Lookup, KeyError> {
        let path = self.path(organization)?;
        let found = Stored::read(&path, organization)?;
        if found.is_none() && self.creates {
            // Somebody else may have been faster.
            let created = self.create(organization);
            let found = Stored::read(&path, organization)?;
            return match found {
                Some(found) => found.current(),
                None => Err(created.err().unwrap_or_else(|| none(organization))),
            };
        }
        found.ok_or_else(|| none(organization))?.current()
    }

    fn find(&self, organization: &str, id: &KeyId) -> Result<Lookup, KeyError> {
        let found = Stored::read(&self.path(organization)?, organization)?;
        found.ok_or_else(|| none(organization))?.find(id)
    }

    fn lock(&self) -> Result<File, KeyError> {
        let path = self.folder.join(LOCK);
        let lock = stored::private_options().create(true).truncate(false).write(true).open(&path);
        let locked = lock.and_then(|lock| lock.lock().map(|()| lock));
        locked
            .map_err(|error| KeyError::new(format!("`{}` cannot be locked", path.display()), error))
    }

    /// One file for each organization on any file system: whatever is no lower-case letter or digit is escaped.
    fn path(&self, organization: &str) -> Result<PathBuf, KeyError> {
        let mut name = String::with_capacity(organization.len() + 5);
        for byte in organization.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
                _ => name.push_str(&format!("%{byte:02x}")),
            }
        }
        name.push_str(".json");
        match name.len() <= LONGEST {
            true => Ok(self.folder.join(name)),
            false => {
                Err(KeyError::because(format!("`{organization}` is too long for a file's name")))
            }
        }
    }
}

impl KeyProvider for FileKeys {
    fn current<'a>(&'a self, organization: &'a str) -> KeyFuture<'a> {
        let (keys, organization) = (self.clone(), organization.to_owned());
        Box::pin(blocking(move || keys.find_current(&organization)))
    }

    fn key<'a>(&'a self, organization: &'a str, id: &'a KeyId) -> KeyFuture<'a> {
        let (keys, organization, id) = (self.clone(), organization.to_owned(), id.clone());
        Box::pin(blocking(move || keys.find(&organization, &id)))
    }
}

async fn blocking(
    work: impl FnOnce() -> Result<Lookup, KeyError> + Send + 'static,
) -> Result<Lookup, KeyError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(KeyError::new("reading keys has ended early", error)))
}

fn none(organization: &str) -> KeyError {
    KeyError::because(format!("`{organization}` has no keys here: `FileKeys::create` makes some"))
}

fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Refuses what others may read or write.
fn private(path: &Path, wanted: u32) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let words = format!(
                "others than its owner have access to `{}` ({mode:o}): run `chmod {wanted:o}` on it",
                path.display()
            );
            return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, words));
        }
    }
    let _ = (path, wanted);
    Ok(())
}

#[cfg(all(test, unix))]
mod tests;
