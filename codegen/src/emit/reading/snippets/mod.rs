//! How an event is published and received, in code to copy.

mod foreign;
mod rust;

pub(in crate::emit) use foreign::{foreign, needs};
pub(in crate::emit) use rust::rust;

/// Code in a language.
pub(in crate::emit) struct Snippet {
    /// What Markdown calls the language.
    pub(in crate::emit) language: &'static str,
    /// What it does.
    pub(in crate::emit) title: String,
    pub(in crate::emit) code: String,
}
