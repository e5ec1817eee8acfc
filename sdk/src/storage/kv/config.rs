use std::time::Duration;

use crate::catalog::{Storage, StreamLimits};

/// How long a server remembers message ids where nothing else is said.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// What a bucket holds and for how long. On disk, once, without limits, and each key's last value alone, unless something
/// else is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketConfig {
    pub(crate) name: String,
    /// Values of each key that are kept.
    pub(crate) history: u8,
    pub(crate) limits: StreamLimits,
}

impl BucketConfig {
    /// The bucket of this name: letters, digits, `_` and `-`.
    pub fn new(name: impl Into<String>) -> Self {
        let limits = StreamLimits {
            storage: Storage::File,
            max_age: None,
            max_bytes: None,
            replicas: 1,
            duplicate_window: DUPLICATE_WINDOW,
        };
        Self { name: name.into(), history: 1, limits }
    }

    /// Keeps so many values of each key, 64 at most, for those who look at a key's past.
    #[must_use]
    pub fn history(mut self, values: u8) -> Self {
        self.history = values.clamp(1, 64);
        self
    }

    /// Forgets each value after this time.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.limits.max_age = Some(age);
        self.limits.duplicate_window = DUPLICATE_WINDOW.min(age);
        self
    }

    /// Refuses what would need more bytes than this.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.limits.max_bytes = Some(bytes);
        self
    }

    /// Copies over the cluster's servers.
    #[must_use]
    pub fn replicas(mut self, copies: u8) -> Self {
        self.limits.replicas = copies;
        self
    }

    /// Where the values are.
    #[must_use]
    pub fn storage(mut self, storage: Storage) -> Self {
        self.limits.storage = storage;
        self
    }
}
