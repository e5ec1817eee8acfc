//! Encryption of personal data, with keys of each organization: who deletes an organization's keys erases its people.
//!
//! Which values are encrypted says the catalog (`personal_data: { encrypt: [direct, sensitive] }`). Handlers and publishers
//! see plain values; what is stored, waits in an outbox, is dead-lettered or replayed to a file is not plain. The connection
//! is given the keys, with the feature `encryption`:
//!
//! ```
//! # #[cfg(feature = "encryption")]
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tidings::Tidings;
//! use tidings::encryption::MemoryKeys;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # let _guard = runtime.enter();
//! let bus = Tidings::embedded();
//! bus.set_keys(MemoryKeys::new()); // `FileKeys`, or a provider of your own, where events outlive the process
//! # Ok(())
//! # }
//! # #[cfg(feature = "encryption")]
//! # example().unwrap();
//! ```
//!
//! Once the keys are deleted, an event reads as if its optional values were absent; a string that is always there is
//! [`ERASED`].
//!
//! # What is stored
//!
//! A value is replaced by the string `enc1.<key id>.<data>`: the data is, in base64url without padding, a nonce of 24 bytes
//! and what XChaCha20-Poly1305 makes of the value's JSON. Its associated data are `enc1`, the organization, the event's type,
//! major version and id, and the JSON pointer to the value, so that no value can be put into the place of another. The envelope's
//! attribute `encryptedfields` lists the places, and what stands for each once it is erased: `text:/email absent:/note`.

mod error;
mod field;
#[cfg(feature = "encryption")]
mod file;
#[cfg(feature = "encryption")]
mod key;
#[cfg(feature = "encryption")]
mod keys;
#[cfg(feature = "encryption")]
mod memory;
mod open;
mod ring;
mod seal;
#[cfg(feature = "encryption")]
mod sealed;
mod whole;

pub use error::EncryptionError;
pub use field::{ERASED, EncryptedField, Erased};
#[cfg(feature = "encryption")]
pub use file::FileKeys;
#[cfg(feature = "encryption")]
pub use key::{Key, KeyError, KeyFuture, KeyId, KeyProvider, Lookup};
#[cfg(feature = "encryption")]
pub use keys::Keys;
#[cfg(feature = "encryption")]
pub use memory::MemoryKeys;

#[cfg(feature = "encryption")]
pub(crate) use field::list;
pub(crate) use field::parse;
pub(crate) use open::open;
pub(crate) use ring::Ring;
pub(crate) use seal::{Sealer, encrypts};
pub(crate) use whole::Whole;
