//! JSON Schemas as documents: their drafts, and the order in which people write their keywords.

pub(crate) mod draft;
mod order;
mod walk;

pub(crate) use order::ordered;
pub(crate) use walk::{Holds, change, holds};
