//! What an event is on the wire: envelope and headers, what of it is hidden, encrypted, or lies elsewhere.

pub(crate) mod body;
pub(crate) mod claim;
pub mod encryption;
pub(crate) mod envelope;
pub(crate) mod headers;
pub(crate) mod opened;
pub(crate) mod percent;
pub(crate) mod personal;
pub(crate) mod text;
