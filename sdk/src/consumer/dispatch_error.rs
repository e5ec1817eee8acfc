use crate::contract::event::OtherOrganization;
use crate::{Invalid, PayloadError, UpcastFailed, Version};

/// No handler can be called with the event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DispatchError {
    #[error("no handler takes `{0}`")]
    UnknownEvent(String),
    #[error("`{event_type}` has version {version}, and the handler takes {expected}")]
    OtherVersion { event_type: &'static str, version: Version, expected: String },
    #[error(transparent)]
    OtherOrganization(#[from] OtherOrganization),
    #[error(transparent)]
    Upcast(#[from] UpcastFailed),
    #[error("the payload is not a `{event_type}` of version {version}: {source}")]
    Payload { event_type: &'static str, version: Version, source: serde_json::Error },
    #[error(transparent)]
    Invalid(Invalid),
    #[error("the fields of the `{0}` are encrypted: `Tidings::decrypted` comes first")]
    Encrypted(String),
    #[error("{}", chain(.0))]
    Unavailable(PayloadError),
}

impl DispatchError {
    /// Whether to fetch the payload again changes nothing.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Unavailable(error) if error.is_final())
    }
}

/// An error with its causes.
fn chain(error: &PayloadError) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

/// A payload that its handler is not given.
pub(crate) enum Unfit {
    Undecodable(serde_json::Error),
    Invalid(Invalid),
}
