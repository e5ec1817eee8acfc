//! `tidings new`

mod domain;
mod event;
mod service;

use std::path::Path;

use clap::{Args, Subcommand};
use tidings_codegen::diagnostic::{Label, Severity};
use tidings_codegen::editor::FileKind;
use tidings_codegen::{Compilation, compile_files};

use super::Outcome;
use crate::answer::{Written, require_answer_format};
use crate::draft::Draft;
use crate::failure::Failure;
use crate::folder::CatalogFolder;
use crate::format;
use crate::output::slashed;
use crate::report::{Finding, Report};
use crate::session::Session;

/// Add a domain, an event or a service to the catalog.
///
/// The file is valid at once. Nothing is overwritten, and nothing is written that would be a mistake.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Domain(domain::Domain),
    Event(event::Event),
    Service(service::Service),
}

/// A file that is to be added to the catalog.
struct Addition {
    kind: FileKind,
    /// Relative to the catalog's folder.
    path: String,
    text: String,
    /// Whether a catalog has what the file describes.
    is_in: Box<dyn Fn(&Compilation) -> bool>,
}

impl New {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        let folder = session.folder()?;
        let catalog = session.compile(&folder)?;
        let addition = match &self.what {
            What::Domain(domain) => domain.addition(&catalog)?,
            What::Event(event) => event.addition(&catalog)?,
            What::Service(service) => service.addition(&catalog)?,
        };
        addition.write(&folder, &catalog, session)
    }
}

impl Addition {
    fn write(&self, folder: &CatalogFolder, catalog: &Compilation, session: &Session) -> Outcome {
        let draft = self.draft(folder)?;
        draft.check()?;
        let others = catalog.sources.files().iter();
        let others = others.map(|file| (file.path.clone(), file.text.clone()));
        let own = (Path::new(&self.path).to_owned(), draft.text.clone());
        // In the order in which they will be read, because of two that say the same one is at fault.
        let mut files: Vec<_> = others.chain([own]).collect();
        files.sort();
        let with = compile_files(files);
        let mut report = Report::new("new");
        report.extend(mistakes(&with, &self.path, &folder.prefix()));
        if report.count().0 > 0 {
            report.summary("nothing is written: the file would have these mistakes");
            return report.write(session);
        }
        if !(self.is_in)(&with) {
            return Err(Failure::new(format!(
                "a file `{}` would not be read as a {}",
                slashed(&draft.path),
                self.kind.name()
            ))
            .help("choose another name"));
        }
        require_answer_format(session, "new")?;
        draft.write()?;
        let mut written = Written::new("new");
        written.file(slashed(&draft.path));
        written.write(session)
    }

    /// The file as it would be formatted, with the modeline for editors where the catalog has the schemas for it.
    fn draft(&self, folder: &CatalogFolder) -> Result<Draft, Failure> {
        let modeline = folder
            .path()
            .join(self.kind.schema_path())
            .is_file()
            .then(|| self.kind.modeline(Path::new(&self.path)) + "\n");
        let text = modeline.unwrap_or_default() + &self.text;
        let text = format::format(&self.path, &text)
            .map_err(|_| Failure::new(format!("`{}` cannot be written as YAML", self.path)))?;
        Ok(Draft { path: folder.path().join(&self.path), text })
    }
}

/// The errors of a catalog in one of its files.
fn mistakes(catalog: &Compilation, path: &str, prefix: &str) -> Vec<Finding> {
    let here = |label: &Label| catalog.sources.path(label.span) == Path::new(path);
    let found = catalog.diagnostics.iter();
    let found = found.filter(|one| one.severity == Severity::Error && one.labels.iter().any(here));
    found.map(|one| Finding::diagnostic(one, &catalog.sources, prefix)).collect()
}

/// `key: value` on a line of its own, where there is a value.
fn line(key: &str, value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| format!("{key}: {}\n", crate::draft::quoted(value)))
}
