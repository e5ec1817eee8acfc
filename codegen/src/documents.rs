//! The documents of a catalog in a folder.

use std::io;
use std::path::Path;

use crate::compile;
use crate::emit::{markdown, operations};
use crate::render::{Style, render};

/// What is written about a catalog, for people.
#[derive(Debug)]
pub struct Documents {
    /// `EVENTS.md`.
    pub events: String,
    /// What operators look at, in a folder of their own.
    pub operations: Vec<operations::File>,
    /// The catalog's errors, as rustc would show them. Where there are any, the documents lack what they are about.
    pub errors: Vec<String>,
}

/// Writes the documents of the catalog in a folder.
///
/// ```no_run
/// use std::path::Path;
///
/// # fn main() -> std::io::Result<()> {
/// let documents = tidings_codegen::documents(Path::new("event-catalog"))?;
/// if documents.errors.is_empty() {
///     std::fs::write("docs/EVENTS.md", documents.events)?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The folder cannot be listed.
pub fn documents(folder: &Path) -> io::Result<Documents> {
    let compilation = compile(folder)?;
    let style = Style { color: false, prefix: format!("{}/", folder.display()) };
    let errors =
        compilation.errors().map(|error| render(error, &compilation.sources, &style)).collect();
    let catalog = &compilation.catalog;
    Ok(Documents {
        events: markdown::emit(catalog),
        operations: operations::files(catalog, &operations::Options::default()),
        errors,
    })
}
