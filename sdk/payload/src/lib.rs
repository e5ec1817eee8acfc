//! What the compiler of catalogs and the runtime must judge alike about a payload: what JSON Schema says of single
//! values (formats, encodings, multiples), and what declared conversions between versions do.
//!
//! The compiler tries it on the catalog's examples, and the runtime does it with events: one implementation, so that what
//! was judged is what runs. Nothing here knows of schemas or events.
//!
//! And what names are under a [`Prefix`], which permissions are written with and connections made.

pub mod convert;
mod encoding;
mod format;
mod multiple;
mod prefix;

pub use encoding::Encoding;
pub use format::Format;
pub use multiple::is_multiple;
pub use prefix::{ParsePrefixError, Prefix};
