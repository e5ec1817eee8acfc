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

/// The documents of a verb.
#[derive(Debug)]
pub(crate) struct Documents {
    pub(crate) verb: &'static str,
    /// The command that writes them.
    pub(crate) command: String,
    pub(crate) all: Vec<Document>,
    /// Files that were written of what the catalog has no more.
    pub(crate) obsolete: Vec<PathBuf>,
}

impl Documents {
    /// Those of a verb that has nothing to be told.
    pub(crate) fn of(verb: &'static str, all: Vec<Document>) -> Self {
        Self { verb, command: format!("tidings {verb}"), all, obsolete: Vec::new() }
    }

    /// Writes them, or only says which of them are not up to date.
    pub(crate) fn settle(&self, check: bool, session: &Session) -> Outcome {
        if check { compare(self, session) } else { write(self, session) }
    }
}

fn write(documents: &Documents, session: &Session) -> Outcome {
    let mut written = Written::new(documents.verb);
    for document in &documents.all {
        if file::write(&document.path, &document.text)? {
            written.file(slashed(&document.path));
        }
    }
    for path in &documents.obsolete {
        file::remove(path)?;
        written.removed(slashed(path));
    }
    written.write(session)
}

fn compare(documents: &Documents, session: &Session) -> Outcome {
    let help = format!("run `{}`", documents.command);
    let mut report = Report::new(documents.verb);
    for document in &documents.all {
        report.checked(slashed(&document.path));
        report.extend(stale(&document.path, &document.text, &help)?);
    }
    for path in &documents.obsolete {
        let shown = slashed(path);
        report.checked(shown.clone());
        let message = format!("`{shown}` is of something that the catalog has no more");
        report.extend([Finding::in_file("stale-document", message, &shown, 1, &help, "")]);
    }
    if report.verdict() == Verdict::Passed {
        report.summary("everything is up to date");
    }
    report.write(session)
}

fn stale(path: &Path, text: &str, help: &str) -> Result<Option<Finding>, Failure> {
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
    Ok(Some(Finding::in_file("stale-document", message, &shown, line, help, &detail)))
}
