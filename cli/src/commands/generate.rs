//! `tidings generate`

use std::path::{Path, PathBuf};

use clap::Args;
use tidings_codegen::editor;
use tidings_codegen::emit::markdown;
use tidings_codegen::model::Catalog;

use super::Outcome;
use crate::answer::require_answer_format;
use crate::document::{self, Document};
use crate::report::Report;
use crate::session::Session;

/// Write the documents that follow from the catalog.
///
/// That is `EVENTS.md` (who publishes what, who consumes it, and what it looks like on the wire), and in the catalog's
/// folder `.editor`: what editors know about its files. A file that is as it should be is not touched.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Write nothing; show what is not up to date, and fail.
    #[arg(long)]
    check: bool,

    /// Folder to write to; by default `docs` beside `event-catalog`, or in a catalog of another name.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// The documents of the catalog in `folder`: those for people in `out`, those for editors beside what they are about.
fn documents(catalog: &Catalog, folder: &Path, out: &Path) -> Vec<Document> {
    let events = Document { path: out.join("EVENTS.md"), text: markdown::emit(catalog) };
    let schemas = editor::files().into_iter();
    let schemas = schemas.map(|(path, text)| Document { path: folder.join(path), text });
    [events].into_iter().chain(schemas).collect()
}

impl Generate {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        if !self.check {
            require_answer_format(session, "generate")?;
        }
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        let mut report = Report::new("generate");
        if compilation.has_errors() {
            report.compilation(&folder, &compilation);
            report.summary("nothing is written while the catalog has errors");
            return report.write(session);
        }
        let out = self.out.clone().unwrap_or_else(|| folder.project().join("docs"));
        let documents = documents(&compilation.catalog, folder.path(), &out);
        document::settle("generate", &documents, self.check, session)
    }
}
