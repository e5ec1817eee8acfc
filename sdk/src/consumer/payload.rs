//! The payload of a delivery, as long as its handlers may want it.

use std::borrow::Cow;
use std::sync::OnceLock;

use bytes::Bytes;

use crate::message::claim::Claim;
use crate::message::envelope::Data;

/// The payload of a delivery, which may lie apart from its message until a handler takes it.
pub(super) enum Payload {
    /// JSON, as a part of the message's body where that is readable as it is.
    Here(Bytes),
    There(Box<Apart>),
}

pub(super) struct Apart {
    claim: Claim,
    fetched: OnceLock<String>,
}

impl Payload {
    /// What was read of this body.
    pub(super) fn new(data: Data<'_>, body: &Bytes) -> Self {
        match data {
            Data::Here(Cow::Borrowed(text)) => Self::Here(body.slice_ref(text.as_bytes())),
            Data::Here(Cow::Owned(text)) => Self::Here(text.into()),
            Data::There(claim) => Self::There(Box::new(Apart { claim, fetched: OnceLock::new() })),
        }
    }

    /// Where it is, if it is not here yet.
    pub(super) fn missing(&self) -> Option<&Claim> {
        match self {
            Self::There(apart) if apart.fetched.get().is_none() => Some(&apart.claim),
            _ => None,
        }
    }

    /// Now it is here.
    pub(super) fn put(&self, text: String) {
        if let Self::There(apart) = self {
            // There is one task that fetches it.
            let _ = apart.fetched.set(text);
        }
    }

    /// As JSON; nothing while it is not here.
    pub(super) fn text(&self) -> &str {
        match self {
            // It was read as text before.
            Self::Here(text) => std::str::from_utf8(text).unwrap_or_default(),
            Self::There(apart) => apart.fetched.get().map_or("", String::as_str),
        }
    }
}
