//! Reads JSON Schema: only what has a Rust shape gets into the model, and all else is reported where it stands.
//!
//! [`reader`] reads one schema. What must hold together (`allOf`, keywords beside `$ref`) is [joined](join) into one
//! before, and what choices are told [`apart`] by is found once all are read.

mod alternatives;
mod apart;
mod array;
mod check;
mod constants;
mod join;
mod keywords;
mod merge;
mod object;
mod properties;
mod reader;
mod reference;
mod refuse;
mod rings;
mod scalar;
mod tagged;
mod typed;
mod types;
mod values;

pub(super) use apart::tell_apart;
#[cfg(feature = "editor")]
pub(crate) use keywords::supported as supported_keywords;
pub(super) use types::Types;
