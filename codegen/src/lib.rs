//! Compiles a Tidings event catalog: YAML in, Rust and documentation out.
//!
//! One direction: files are read ([`source`]), composed into trees that know their places, read as the catalog's
//! syntax, resolved into the [`model`], judged by lints and written by emitters. Each stage hands on what it could
//! understand together with its [`diagnostic`]s, so that one run reports every mistake.

mod build_script;
pub mod codes;
pub mod compat;
mod compile;
mod content;
mod date;
pub mod diagnostic;
mod documents;
#[cfg(feature = "editor")]
pub mod editor;
pub mod emit;
pub mod facts;
pub mod fixture;
mod format;
pub mod json_schema;
pub mod levels;
mod lint;
mod load;
pub mod model;
pub mod naming;
mod parallel;
mod pattern;
pub mod payload;
pub mod reference;
pub mod render;
mod resolve;
pub mod source;
pub mod subject;
mod syntax;
pub mod write;
pub mod yaml;

pub use build_script::{build, build_for};
pub use compile::{Compilation, compile, compile_files};
pub use documents::{Documents, documents};
pub use syntax::reader::closest;

/// Every code that a diagnostic can have, sorted.
///
/// ```
/// let codes = tidings_codegen::all_codes();
/// assert!(codes.iter().any(|code| code.id == "T103"));
/// ```
pub fn all_codes() -> Vec<&'static codes::Code> {
    let lints = lint::RULES.iter().map(|rule| &rule.code);
    let compat = compat::RULES.iter().map(|rule| &rule.code);
    let mut all: Vec<_> =
        codes::reading().chain(lints).chain(compat).chain(emit::rust::codes::ALL).collect();
    all.sort_by_key(|code| code.id);
    all
}
