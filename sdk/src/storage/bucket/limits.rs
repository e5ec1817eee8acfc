//! What a bucket keeps unless something else is said.

use std::time::Duration;

use crate::catalog::{Storage, StreamLimits};

/// How long a server remembers message ids where nothing else is said.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// On disk, once, and for ever.
pub(crate) fn unlimited() -> StreamLimits {
    StreamLimits {
        storage: Storage::File,
        max_age: None,
        max_bytes: None,
        replicas: 1,
        duplicate_window: DUPLICATE_WINDOW,
    }
}

/// The same for so long; ids of what is forgotten are not remembered.
pub(crate) fn for_so_long(limits: &mut StreamLimits, age: Duration) {
    limits.max_age = Some(age);
    limits.duplicate_window = DUPLICATE_WINDOW.min(age);
}
