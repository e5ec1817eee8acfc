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

/// Goes to the first line, and clears the screen below.
const HOME: &str = "\u{1b}[H\u{1b}[J";

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

    /// Whether a person at a terminal sees how long work goes on.
    pub(crate) fn is_watched(&self) -> bool {
        self.format == Format::Human && !self.quiet && std::io::stderr().is_terminal()
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

    /// How wide the terminal is that stdout goes to, if it is one.
    pub(crate) fn width(&self) -> Option<usize> {
        let size = console::Term::stdout().size_checked();
        size.filter(|_| self.format == Format::Human).map(|(_, columns)| usize::from(columns))
    }

    /// Puts a text in the place of what a person at a terminal sees; elsewhere, behind what was written before.
    pub(crate) fn redraw(&self, text: &str) -> Result<(), Failure> {
        match self.format == Format::Human && std::io::stdout().is_terminal() {
            true => self.output.write(&format!("{HOME}{text}")),
            false => self.output.write(text),
        }
    }

    /// Clears the screen of a person at a terminal.
    pub(crate) fn clear(&self) -> Result<(), Failure> {
        if self.format == Format::Human && std::io::stdout().is_terminal() {
            self.output.write(CLEAR)?;
        }
        Ok(())
    }
}
