//! Reads JSON Schema: only what has a Rust shape gets into the model, and all else is reported where it stands.

mod keywords;
mod object;
mod one_of;
mod reader;
mod rings;
mod types;
mod values;

pub(super) use types::Types;
