use std::sync::OnceLock;

use crate::message::claim::Claim;
use crate::message::envelope::Data;

/// The payload of a delivery, which may lie apart from its message until a handler takes it.
pub(super) struct Payload {
    data: Data<'static>,
    fetched: OnceLock<String>,
}

impl Payload {
    pub(super) fn new(data: Data<'_>) -> Self {
        Self { data: data.into_owned(), fetched: OnceLock::new() }
    }

    /// Where it is, if it is not here yet.
    pub(super) fn missing(&self) -> Option<&Claim> {
        match &self.data {
            Data::There(claim) if self.fetched.get().is_none() => Some(claim),
            _ => None,
        }
    }

    /// Now it is here.
    pub(super) fn put(&self, text: String) {
        // There is one task that fetches it.
        let _ = self.fetched.set(text);
    }

    /// As JSON; nothing while it is not here.
    pub(super) fn text(&self) -> &str {
        match &self.data {
            Data::Here(text) => text,
            Data::There(_) => self.fetched.get().map_or("", String::as_str),
        }
    }
}
