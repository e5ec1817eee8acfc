//! Writes the model down: as Rust, as Markdown.
//!
//! Emitters read the [`model`](crate::model) and return text; they touch no file. What they could not write they
//! return as diagnostics beside it.

pub mod markdown;
pub mod rust;
