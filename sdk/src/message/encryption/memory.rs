use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Key, KeyError, KeyFuture, KeyId, KeyProvider, Lookup};

/// Keys in memory, for tests: what they encrypt cannot be read by the next process. An organization gets one with its first
/// event. Cheap to clone; all clones are the same keys.
///
/// ```
/// use tidings::encryption::MemoryKeys;
///
/// let keys = MemoryKeys::new();
/// keys.rotate("acme")?; // for new events; the old ones stay readable
/// keys.erase("acme"); //   for good
/// assert!(keys.rotate("acme").is_err());
/// # Ok::<(), tidings::encryption::KeyError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryKeys(Arc<Mutex<HashMap<String, Ring>>>);

#[derive(Debug)]
enum Ring {
    /// The current one last.
    Keys(Vec<Key>),
    Erased,
}

impl MemoryKeys {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives an organization a new key for its new events, and returns its id.
    ///
    /// # Errors
    /// It was erased, or there are no random numbers.
    pub fn rotate(&self, organization: &str) -> Result<KeyId, KeyError> {
        let key = Key::generate()?;
        let id = key.id().clone();
        match self.rings().entry(organization.to_owned()).or_insert(Ring::Keys(Vec::new())) {
            Ring::Keys(keys) => keys.push(key),
            Ring::Erased => {
                return Err(KeyError::because(format!("`{organization}` was erased")));
            }
        }
        Ok(id)
    }

    /// Deletes every key of an organization, for good.
    pub fn erase(&self, organization: &str) {
        self.rings().insert(organization.to_owned(), Ring::Erased);
    }

    fn find_current(&self, organization: &str) -> Result<Lookup, KeyError> {
        match self.rings().get(organization) {
            Some(Ring::Erased) => return Ok(Lookup::Erased),
            Some(Ring::Keys(keys)) => {
                if let Some(key) = keys.last() {
                    return Ok(Lookup::Found(key.clone()));
                }
            }
            None => {}
        }
        self.rotate(organization)?;
        self.find_current(organization)
    }

    fn find(&self, organization: &str, id: &KeyId) -> Result<Lookup, KeyError> {
        match self.rings().get(organization) {
            Some(Ring::Erased) => Ok(Lookup::Erased),
            Some(Ring::Keys(keys)) => keys
                .iter()
                .find(|key| key.id() == id)
                .map(|key| Lookup::Found(key.clone()))
                .ok_or_else(|| KeyError::unknown(organization, id)),
            None => Err(KeyError::unknown(organization, id)),
        }
    }

    fn rings(&self) -> MutexGuard<'_, HashMap<String, Ring>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyProvider for MemoryKeys {
    fn current<'a>(&'a self, organization: &'a str) -> KeyFuture<'a> {
        Box::pin(async move { self.find_current(organization) })
    }

    fn key<'a>(&'a self, organization: &'a str, id: &'a KeyId) -> KeyFuture<'a> {
        Box::pin(async move { self.find(organization, id) })
    }
}
