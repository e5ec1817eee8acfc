use crate::{Invalid, UpcastFailed, Version};

/// No handler can be called with the event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DispatchError {
    #[error("no handler takes `{0}`")]
    UnknownEvent(String),
    #[error("`{event_type}` has version {version}, and the handler takes {expected}")]
    OtherVersion { event_type: &'static str, version: Version, expected: String },
    #[error(transparent)]
    Upcast(#[from] UpcastFailed),
    #[error("the payload is not a `{event_type}` of version {version}: {source}")]
    Payload { event_type: &'static str, version: Version, source: serde_json::Error },
    #[error(transparent)]
    Invalid(Invalid),
    #[error("the fields of the `{0}` are encrypted: `Tidings::decrypted` comes first")]
    Encrypted(String),
}

/// A payload that its handler is not given.
pub(crate) enum Unfit {
    Undecodable(serde_json::Error),
    Invalid(Invalid),
}
