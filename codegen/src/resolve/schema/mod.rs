//! Reads JSON Schema: only what has a Rust shape gets into the model, and all else is reported where it stands.

mod keywords;
mod object;
mod one_of;
mod reader;
mod rings;
mod types;
mod values;

#[cfg(feature = "editor")]
pub(crate) use keywords::supported as supported_keywords;
pub(super) use types::Types;
