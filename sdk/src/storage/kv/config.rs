use std::time::Duration;

use crate::catalog::{Storage, StreamLimits};
use crate::storage::bucket;

/// What a bucket holds and for how long. On disk, once, without limits, and each key's last value alone, unless something
/// else is said.
///
/// ```
/// use std::time::Duration;
///
/// use tidings::catalog::Storage;
/// use tidings::kv::BucketConfig;
///
/// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// let sessions = BucketConfig::new("sessions").max_age(DAY).replicas(3);
/// let rates = BucketConfig::new("rates").history(10).max_bytes(1 << 20).storage(Storage::Memory);
/// # let _ = (sessions, rates);
/// ```
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
        Self { name: name.into(), history: 1, limits: bucket::unlimited() }
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
        bucket::for_so_long(&mut self.limits, age);
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
