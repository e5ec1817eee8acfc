//! Documents that follow from the catalog: written where they change, or compared with what is there.

use std::path::{Path, PathBuf};

use crate::answer::Written;
use crate::commands::Outcome;
use crate::difference::Difference;
use crate::failure::Failure;
use crate::file;
use crate::output::slashed;
use crate::report::{Finding, Report, Verdict};
use crate::session::Session;

/// A document: its file and its text.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Writes the documents of a verb, or only says which of them are not up to date.
pub(crate) fn settle(
    verb: &'static str,
    documents: &[Document],
    check: bool,
    session: &Session,
) -> Outcome {
    if check { compare(verb, documents, session) } else { write(verb, documents, session) }
}

fn write(verb: &'static str, documents: &[Document], session: &Session) -> Outcome {
    let mut written = Written::new(verb);
    for document in documents {
        if file::write(&document.path, &document.text)? {
            written.file(slashed(&document.path));
        }
    }
    written.write(session)
}

fn compare(verb: &'static str, documents: &[Document], session: &Session) -> Outcome {
    let mut report = Report::new(verb);
    for document in documents {
        report.checked(slashed(&document.path));
        report.extend(stale(verb, &document.path, &document.text)?);
    }
    if report.verdict() == Verdict::Passed {
        report.summary("everything is up to date");
    }
    report.write(session)
}

fn stale(verb: &str, path: &Path, text: &str) -> Result<Option<Finding>, Failure> {
    let shown = slashed(path);
    let (line, message, detail) = match file::read(path)? {
        None => (1, format!("`{shown}` is missing"), String::new()),
        Some(found) => match Difference::between(&found, text) {
            None => return Ok(None),
            Some(difference) => {
                let message = format!("`{shown}` is not up to date");
                (difference.line, message, difference.shown)
            }
        },
    };
    let help = format!("run `tidings {verb}`");
    Ok(Some(Finding::in_file("stale-document", message, &shown, line, &help, &detail)))
}
