use std::error::Error;

/// An event's values cannot be encrypted or decrypted. The error quotes neither values nor keys.
///
/// ```
/// use tidings::EncryptionError;
///
/// /// Whether it is worth to ask once more.
/// fn again(error: &EncryptionError) -> bool {
///     error.is_transient()
/// }
/// # let _ = again;
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptionError {
    /// The connection has no keys.
    #[error("`{event_type}` has encrypted fields, and the connection has no keys: {}", remedy())]
    NoKeys {
        /// The event.
        event_type: String,
    },
    /// The keys of the organization were deleted: nothing is encrypted for it any more.
    #[error(
        "the organization `{organization}` was erased: its events cannot be encrypted any more"
    )]
    Erased {
        /// The organization.
        organization: String,
    },
    /// Whether there is such a key could not be found out. What cannot be decrypted for this reason is not erased: it is tried
    /// again.
    #[error("the keys of the organization `{organization}` cannot be had")]
    Keys {
        /// The organization.
        organization: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The attribute that lists the encrypted values cannot be read, and there are some: a newer version wrote it, or it is
    /// damaged.
    #[error(
        "the attribute `encryptedfields` is {attribute:?}, which is no list that this version reads"
    )]
    Unreadable {
        /// What it says.
        attribute: String,
    },
    /// A value is not what was encrypted: it was changed, or comes from another event, place or organization.
    #[error("the encrypted value at `{pointer}` is not what was encrypted there")]
    Changed {
        /// JSON pointer to it.
        pointer: String,
    },
}

impl EncryptionError {
    /// Whether the same may go well later, or elsewhere.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::NoKeys { .. } | Self::Keys { .. })
    }
}

fn remedy() -> &'static str {
    if cfg!(feature = "encryption") {
        "give it some with `Tidings::set_keys`"
    } else {
        "build `tidings` with its feature `encryption`, and give it some with `Tidings::set_keys`"
    }
}
