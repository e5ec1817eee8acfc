//! `tidings generate`

use std::path::{Path, PathBuf};

use clap::Args;
use tidings_codegen::emit::markdown;
use tidings_codegen::model::Catalog;

use super::Outcome;
use crate::answer::{Written, require_answer_format};
use crate::difference::Difference;
use crate::failure::Failure;
use crate::file;
use crate::output::slashed;
use crate::report::{Finding, Report, Verdict};
use crate::session::Session;

/// Write the documents that follow from the catalog.
///
/// That is `EVENTS.md`: who publishes what, who consumes it, and what it looks like on the wire. A file that is as it
/// should be is not touched.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Write nothing; show what is not as the catalog says, and fail.
    #[arg(long)]
    check: bool,

    /// Folder to write to; by default `docs` beside `event-catalog`, or in a catalog of another name.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// A document: its file's name and its text.
struct Document {
    name: &'static str,
    text: String,
}

fn documents(catalog: &Catalog) -> Vec<Document> {
    vec![Document { name: "EVENTS.md", text: markdown::emit(catalog) }]
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
        let documents = documents(&compilation.catalog);
        if self.check {
            compare(&out, &documents, session)
        } else {
            write(&out, &documents, session)
        }
    }
}

fn write(out: &Path, documents: &[Document], session: &Session) -> Outcome {
    let mut written = Written::new("generate");
    for document in documents {
        let path = out.join(document.name);
        if file::write(&path, &document.text)? {
            written.file(shown(&path));
        }
    }
    written.write(session)
}

fn compare(out: &Path, documents: &[Document], session: &Session) -> Outcome {
    let mut report = Report::new("generate");
    for document in documents {
        let path = out.join(document.name);
        report.checked(shown(&path));
        report.extend(stale(&path, &document.text)?);
    }
    if report.verdict() == Verdict::Passed {
        report.summary("the documents are what the catalog says");
    }
    report.write(session)
}

fn stale(path: &Path, text: &str) -> Result<Option<Finding>, Failure> {
    let shown = shown(path);
    let (line, message, detail) = match file::read(path)? {
        None => (1, format!("`{shown}` is missing"), String::new()),
        Some(found) => match Difference::between(&found, text) {
            None => return Ok(None),
            Some(difference) => {
                let message = format!("`{shown}` is not what the catalog says");
                (difference.line, message, difference.shown)
            }
        },
    };
    let help = "run `tidings generate`";
    Ok(Some(Finding::in_file("stale-document", message, &shown, line, help, &detail)))
}

fn shown(path: &Path) -> String {
    let shown = slashed(path);
    shown.strip_prefix("./").map(str::to_owned).unwrap_or(shown)
}
