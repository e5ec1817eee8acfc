//! What JSON Schema 2020-12 says of single values: formats, encodings, multiples.
//!
//! The compiler of catalogs checks examples with it, the runtime events: a crate of its own, so that both mean the same.

mod encoding;
mod format;
mod multiple;

pub use encoding::Encoding;
pub use format::Format;
pub use multiple::is_multiple;
