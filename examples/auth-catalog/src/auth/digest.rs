use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// What login names are digested with, so that attempts on one name can be told to belong together, and no name be guessed.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

impl Secret {
    /// A secret of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        // A key of any length will do.
        Self(Hmac::new_from_slice(bytes).unwrap_or_else(|_| unreachable!("HMAC takes every key")))
    }

    /// The digest of a login name, in hex.
    pub(super) fn digest(&self, login: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(login.to_lowercase().as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Without the secret.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
