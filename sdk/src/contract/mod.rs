//! What the catalog promises, in Rust: events, their subjects, versions and bounds. Generated code is written against it.

pub mod catalog;
#[cfg(feature = "code-first")]
pub mod code_first;
pub mod codec;
pub(crate) mod event;
pub(crate) mod own_type;
pub(crate) mod partition;
pub(crate) mod subject;
pub(crate) mod union;
pub mod upcast;
pub(crate) mod validation;
