use std::error::Error;
use std::fmt;
use std::pin::Pin;

use chacha20poly1305::aead::Generate as _;
use zeroize::Zeroizing;

/// The name of a key: up to 64 letters, digits, `-` and `_`. It stands in events beside what the key encrypts.
///
/// ```
/// use tidings::encryption::KeyId;
///
/// let id = KeyId::new("2026-03")?;
/// assert_eq!(id.as_str(), "2026-03");
/// assert!(KeyId::new("2026.03").is_err());
/// # Ok::<(), tidings::encryption::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// The longest one, in bytes.
    const LONGEST: usize = 64;

    /// # Errors
    /// It is empty, too long, or has other characters in it.
    pub fn new(id: impl Into<String>) -> Result<Self, KeyError> {
        let id = id.into();
        let fits = (1..=Self::LONGEST).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        match fits {
            true => Ok(Self(id)),
            false => Err(KeyError::because(
                "a key's id has 1 to 64 letters, digits, hyphens and underscores",
            )),
        }
    }

    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key of an organization. Its bytes are overwritten when it is dropped, and `Debug` does not show them.
///
/// ```
/// use tidings::encryption::{Key, KeyId};
///
/// let new = Key::generate()?;
/// let (id, secret) = (new.id().to_string(), *new.secret()); // into a vault
/// let again = Key::new(KeyId::new(id)?, secret); //            and out of it
/// assert_eq!(again.secret(), new.secret());
/// # Ok::<(), tidings::encryption::KeyError>(())
/// ```
#[derive(Clone)]
pub struct Key {
    id: KeyId,
    secret: Zeroizing<[u8; 32]>,
}

impl Key {
    /// A new one, from the system's random numbers.
    ///
    /// # Errors
    /// The system gives none.
    pub fn generate() -> Result<Self, KeyError> {
        let random = |error| KeyError::new("there are no random numbers", error);
        let id: [u8; 8] = <[u8; 8]>::try_generate().map_err(random)?;
        let secret = <[u8; 32]>::try_generate().map_err(random)?;
        let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { id: KeyId(id), secret: Zeroizing::new(secret) })
    }

    /// One that is kept elsewhere.
    pub fn new(id: KeyId, secret: [u8; 32]) -> Self {
        Self { id, secret: Zeroizing::new(secret) }
    }

    /// Its name.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Its bytes.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a [`KeyProvider`] knows of a key.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// Here it is.
    Found(Key),
    /// It was deleted for good, with all others of its organization or alone: what it encrypted is erased.
    Erased,
}

/// Where the keys of organizations are kept.
///
/// A provider tells three things apart: here is the key, it was deleted for good, and an error, which is everything else:
/// the store does not answer, or knows nothing of such a key. What meets an error is tried again; only a deleted key erases.
///
/// ```
/// use tidings::encryption::{Key, KeyError, KeyFuture, KeyId, KeyProvider, Lookup};
///
/// # struct Client;
/// # enum Answer { Key(String, [u8; 32]), Destroyed, Nothing }
/// # impl Client { async fn ask(&self, _: &str, _: Option<&str>) -> std::io::Result<Answer> { Ok(Answer::Nothing) } }
/// struct Vault(Client);
///
/// impl Vault {
///     async fn look_up(&self, organization: &str, id: Option<&KeyId>) -> Result<Lookup, KeyError> {
///         let asked = self.0.ask(organization, id.map(KeyId::as_str)).await;
///         match asked.map_err(|error| KeyError::new("the vault does not answer", error))? {
///             Answer::Key(id, secret) => Ok(Lookup::Found(Key::new(KeyId::new(id)?, secret))),
///             Answer::Destroyed => Ok(Lookup::Erased), // only where it is known to be gone for good
///             Answer::Nothing => Err(KeyError::because("the vault has no such key")),
///         }
///     }
/// }
///
/// impl KeyProvider for Vault {
///     fn current<'a>(&'a self, organization: &'a str) -> KeyFuture<'a> {
///         Box::pin(self.look_up(organization, None))
///     }
///
///     fn key<'a>(&'a self, organization: &'a str, id: &'a KeyId) -> KeyFuture<'a> {
///         Box::pin(self.look_up(organization, Some(id)))
///     }
/// }
/// ```
pub trait KeyProvider: Send + Sync + 'static {
    /// The key to encrypt an organization's new events with.
    fn current<'a>(&'a self, organization: &'a str) -> KeyFuture<'a>;

    /// The key of an organization with this id, for what was encrypted with it.
    fn key<'a>(&'a self, organization: &'a str, id: &'a KeyId) -> KeyFuture<'a>;
}

/// What a [`KeyProvider`] answers.
pub type KeyFuture<'a> = Pin<Box<dyn Future<Output = Result<Lookup, KeyError>> + Send + 'a>>;

/// Why a key cannot be had.
///
/// ```
/// use tidings::encryption::KeyError;
///
/// let words = KeyError::because("`acme` has no keys yet");
/// let with_cause = KeyError::new("the vault does not answer", std::io::Error::other("refused"));
/// # let _ = (words, with_cause);
/// ```
#[derive(Debug)]
pub struct KeyError {
    words: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl KeyError {
    /// For a reason in words, which must not quote a key.
    pub fn because(words: impl Into<String>) -> Self {
        Self { words: words.into(), source: None }
    }

    /// For an error, with what was being done.
    pub fn new(words: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { words: words.into(), source: Some(source.into()) }
    }

    /// There is neither such a key nor a sign that it was deleted.
    pub(super) fn unknown(organization: &str, id: &KeyId) -> Self {
        Self::because(format!(
            "`{organization}` has no key `{id}`, and none of that id was deleted: it is kept elsewhere"
        ))
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Error for KeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_shown() {
        let key = Key::new(KeyId::new("k-1").expect("an id"), [0xab; 32]);
        assert_eq!(
            format!("{key:?} {:?}", Lookup::Found(key.clone())),
            "Key { id: k-1, .. } Found(Key { id: k-1, .. })"
        );
        let [one, other] = [Key::generate(), Key::generate()].map(|key| key.expect("random"));
        assert!(one.id() != other.id() && one.secret() != other.secret());
        for id in ["", "a.b", "ä", &"x".repeat(65)] {
            assert!(KeyId::new(id).is_err(), "{id}");
        }
    }
}
