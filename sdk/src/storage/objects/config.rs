use std::time::Duration;

use crate::catalog::{Storage, StreamLimits};
use crate::storage::bucket;

/// What a bucket of objects holds and for how long. On disk, once, without limits, unless something else is said.
///
/// ```
/// use std::time::Duration;
///
/// use tidings::catalog::Storage;
/// use tidings::objects::ObjectsConfig;
///
/// const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// let scans = ObjectsConfig::new("scans").max_bytes(10 << 30).replicas(3).compressed();
/// let previews = ObjectsConfig::new("previews").max_age(WEEK).storage(Storage::Memory);
/// # let _ = (scans, previews);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectsConfig {
    pub(super) name: String,
    pub(super) limits: StreamLimits,
    /// Whether the server compresses what it writes to disk.
    pub(super) compressed: bool,
}

impl ObjectsConfig {
    /// The bucket of this name: letters, digits, `_` and `-`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), limits: bucket::unlimited(), compressed: false }
    }

    /// Forgets each object after this time.
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

    /// Where the objects are.
    #[must_use]
    pub fn storage(mut self, storage: Storage) -> Self {
        self.limits.storage = storage;
        self
    }

    /// Has the server compress what it writes to disk. Nobody who reads notices.
    #[must_use]
    pub fn compressed(mut self) -> Self {
        self.compressed = true;
        self
    }
}
