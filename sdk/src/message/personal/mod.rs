//! Personal data: where the catalog says that it stands, and how it stays out of what is said about an event.
//!
//! `field` says where, `place` goes there, `redact` hides what is there. `words` and `screen` keep values out of errors:
//! those of a decoder by leaving them out, those of everybody else by looking for them.

mod field;
mod place;
mod redact;
mod screen;
mod words;

pub use field::{PersonalField, PersonalKind};
#[cfg(feature = "encryption")]
pub(crate) use place::visit;
pub use redact::Redacted;
pub(crate) use screen::Screen;
pub(crate) use words::{plain, without_values};
