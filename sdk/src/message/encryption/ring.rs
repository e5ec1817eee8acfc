//! The keys of a connection, if it was given some.

#[cfg(feature = "encryption")]
use std::sync::{Arc, PoisonError, RwLock};

use super::EncryptionError;
#[cfg(feature = "encryption")]
use super::Keys;
use crate::EventSpec;

/// What the connection was given. Without the feature it is always empty.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    #[cfg(feature = "encryption")]
    keys: RwLock<Option<Arc<Keys>>>,
}

impl Ring {
    #[cfg(feature = "encryption")]
    pub(crate) fn set(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
    }

    #[cfg(feature = "encryption")]
    pub(super) fn get(&self, event_type: &str) -> Result<Arc<Keys>, EncryptionError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        keys.ok_or_else(|| EncryptionError::NoKeys { event_type: event_type.to_owned() })
    }

    #[cfg(not(feature = "encryption"))]
    pub(super) fn get(
        &self,
        event_type: &str,
    ) -> Result<std::convert::Infallible, EncryptionError> {
        Err(EncryptionError::NoKeys { event_type: event_type.to_owned() })
    }

    /// Whether there are keys for whoever reads these events.
    pub(crate) fn fits(
        &self,
        mut specs: impl Iterator<Item = &'static EventSpec>,
    ) -> Result<(), EncryptionError> {
        match specs.find(|spec| !spec.encrypted.is_empty()) {
            Some(spec) => self.get(spec.event_type).map(drop),
            None => Ok(()),
        }
    }
}
