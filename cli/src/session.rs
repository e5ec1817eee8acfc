//! What a verb is run with.

use std::io::IsTerminal;
use std::path::PathBuf;

use tidings_codegen::Compilation;

use crate::arguments::Global;
use crate::failure::Failure;
use crate::folder::CatalogFolder;
use crate::output::Output;
use crate::report::Format;

/// Clears screen and scrollback, and goes to the first line.
const CLEAR: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// The global options, and where to write.
#[derive(Debug)]
pub(crate) struct Session {
    /// How the report is written.
    pub(crate) format: Format,
    /// stdout.
    pub(crate) output: Output,
    quiet: bool,
    catalog: Option<PathBuf>,
}

impl Session {
    pub(crate) fn new(global: Global, output: Output) -> Self {
        let Global { catalog, format, color: _, quiet } = global;
        Self { format, output, quiet, catalog }
    }

    /// Whether nothing is to be said beside what was found and what was asked for.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// The catalog's folder: the one that was named, or else the nearest.
    pub(crate) fn folder(&self) -> Result<CatalogFolder, Failure> {
        match &self.catalog {
            Some(path) => CatalogFolder::named(path),
            None => CatalogFolder::nearest(),
        }
    }

    /// Reads the catalog in a folder.
    pub(crate) fn compile(&self, folder: &CatalogFolder) -> Result<Compilation, Failure> {
        tidings_codegen::compile(folder.path())
            .map_err(|error| Failure::io("cannot read the event catalog in", folder.path(), &error))
    }

    /// Clears the screen of a person at a terminal.
    pub(crate) fn clear(&self) -> Result<(), Failure> {
        if self.format == Format::Human && std::io::stdout().is_terminal() {
            self.output.write(CLEAR)?;
        }
        Ok(())
    }
}
