//! `tidings generate`

use std::path::{Path, PathBuf};

use clap::Args;
use tidings_codegen::emit::markdown;
use tidings_codegen::emit::rust::{self, File, Modules, Part, State};
use tidings_codegen::model::Catalog;
use tidings_codegen::{Compilation, editor, write};

use super::Outcome;
use crate::answer::require_answer_format;
use crate::document::{Document, Documents};
use crate::failure::Failure;
use crate::file;
use crate::folder::CatalogFolder;
use crate::output::slashed;
use crate::report::Report;
use crate::session::Session;

/// Write the documents that follow from the catalog.
///
/// That is `EVENTS.md` (who publishes what, who consumes it, and what it looks like on the wire), and in the catalog's
/// folder `.editor`: what editors know about its files. A file that is as it should be is not touched.
///
/// With `--rust`, the types are written too, for a crate that keeps them among its sources and has no build script. Its
/// library says `#[rustfmt::skip] mod events;` and `pub use events::*;`.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Write nothing; show what is not up to date, and fail.
    #[arg(long)]
    check: bool,

    /// Folder to write to; by default `docs` beside `event-catalog`, or in a catalog of another name.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Write the types to this file as well, such as `src/events.rs`, and those of each domain and service to one in a
    /// folder beside it.
    #[arg(long, value_name = "FILE")]
    rust: Option<PathBuf>,

    /// The types of this service alone.
    #[arg(long = "for", value_name = "SERVICE", requires = "rust")]
    services: Vec<String>,
}

impl Generate {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        if !self.check {
            require_answer_format(session, "generate")?;
        }
        let folder = session.folder()?;
        let mut compilation = session.compile(&folder)?;
        let files = self.types(&mut compilation)?;
        if compilation.has_errors() {
            let mut report = Report::new("generate");
            report.compilation(&folder, &compilation);
            report.summary("nothing is written while the catalog has errors");
            return report.write(session);
        }
        files.iter().try_for_each(require_own)?;
        let obsolete = self.obsolete(&compilation.catalog.name, &files)?;
        let mut all = self.documents(&compilation.catalog, &folder);
        all.extend(files.into_iter().map(|File { path, text }| Document { path, text }));
        let documents = Documents { verb: "generate", command: self.command(), all, obsolete };
        documents.settle(self.check, session)
    }

    /// The documents of the catalog in `folder`: those for people, and those for editors beside what they are about.
    fn documents(&self, catalog: &Catalog, folder: &CatalogFolder) -> Vec<Document> {
        let out = self.out.clone().unwrap_or_else(|| folder.project().join("docs"));
        let events = Document { path: out.join("EVENTS.md"), text: markdown::emit(catalog) };
        let schemas = editor::files().into_iter();
        let schemas = schemas.map(|(path, text)| Document { path: folder.path().join(path), text });
        [events].into_iter().chain(schemas).collect()
    }

    /// The files of the types; none where nobody asked for them, or what cannot be written is among the findings then.
    fn types(&self, compilation: &mut Compilation) -> Result<Vec<File>, Failure> {
        let Some(root) = &self.rust else { return Ok(Vec::new()) };
        require_module(root)?;
        if compilation.has_errors() {
            return Ok(Vec::new());
        }
        let part = match self.services.as_slice() {
            [] => Part::whole(&compilation.catalog),
            some => Part::of_services(&compilation.catalog, some).map_err(Failure::new)?,
        };
        let mut generated = rust::emit_part(&compilation.catalog, &part, State::Whole);
        compilation.diagnostics.append(&mut generated.diagnostics);
        Ok(generated.files(root, Modules::Declared))
    }

    /// What was written beside the root of modules that are no more.
    fn obsolete(&self, catalog: &str, files: &[File]) -> Result<Vec<PathBuf>, Failure> {
        let Some(root) = &self.rust else { return Ok(Vec::new()) };
        let folder = root.with_extension("");
        let found = write::rust_files(&folder)
            .map_err(|error| Failure::io("cannot list", &folder, &error))?;
        let others = found.into_iter().filter(|path| files.iter().all(|file| file.path != *path));
        let mut obsolete = Vec::new();
        for path in others {
            if file::read(&path)?.is_some_and(|text| rust::is_generated_from(catalog, &text)) {
                obsolete.push(path);
            }
        }
        Ok(obsolete)
    }

    /// The command that writes what this one writes.
    fn command(&self) -> String {
        let mut command = "tidings generate".to_owned();
        for (option, path) in [("--out", &self.out), ("--rust", &self.rust)] {
            if let Some(path) = path {
                command += &format!(" {option} {}", slashed(path));
            }
        }
        for service in &self.services {
            command += &format!(" --for {service}");
        }
        command
    }
}

/// The root has a folder of its name beside it, which that of a crate or of a folder has not.
fn require_module(root: &Path) -> Result<(), Failure> {
    let is_rust = root.extension().is_some_and(|kind| kind == "rs");
    let name = root.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    if is_rust && !["build", "lib", "main", "mod"].contains(&&*name) {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` cannot be the file of the types", slashed(root)))
        .help("name a module of its own, such as `src/events.rs`"))
}

/// What somebody wrote is not written over.
fn require_own(file: &File) -> Result<(), Failure> {
    let found = file::read(&file.path)?.unwrap_or_default();
    if found.trim().is_empty() || rust::is_generated(&found) {
        return Ok(());
    }
    let message = format!("`{}` is not one of the generated files", slashed(&file.path));
    Err(Failure::new(message).help("name another file with `--rust`, or remove this one"))
}
