//! Writes the model down: as Rust, as Markdown, as a site, as what operators look at, as permissions for a server.
//!
//! Emitters read the [`model`](crate::model) and return text; they touch no file. What they could not write they
//! return as diagnostics beside it.

pub mod markdown;
pub mod operations;
pub mod permissions;
mod reading;
pub mod rust;
#[cfg(feature = "site")]
pub mod site;
