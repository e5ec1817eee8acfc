//! What a verb gives that was asked for something instead of checking it.

use serde::Serialize;
use serde_json::Value;

use crate::commands::Outcome;
use crate::failure::Failure;
use crate::report::{Format, Verdict, json};
use crate::session::Session;

/// A text for people, and the same for machines.
#[derive(Debug)]
pub(crate) struct Answer {
    verb: &'static str,
    text: String,
    data: Value,
}

impl Answer {
    pub(crate) fn new(verb: &'static str, text: impl Into<String>, data: Value) -> Self {
        Self { verb, text: text.into(), data }
    }

    /// Writes it to stdout; there is nothing in it that a format for findings could show.
    pub(crate) fn write(&self, session: &Session) -> Outcome {
        let text = match session.format {
            Format::Human => self.text.clone(),
            Format::Json => document(self.verb, &self.data)?,
            Format::Github | Format::Junit => return Err(no_findings(self.verb)),
        };
        session.output.write(&text)?;
        Ok(Verdict::Passed)
    }
}

/// A document for machines, on a line of its own: of a verb that writes one after the other, too.
pub(crate) fn document(verb: &'static str, data: &Value) -> Result<String, Failure> {
    json::line(&Document { version: json::VERSION, command: verb, data })
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'static str,
    data: &'a Value,
}

/// The files that a verb wrote: named on stdout for people and machines.
#[derive(Debug)]
pub(crate) struct Written {
    verb: &'static str,
    files: Vec<String>,
    removed: Vec<String>,
    next: String,
}

impl Written {
    pub(crate) fn new(verb: &'static str) -> Self {
        Self { verb, files: Vec::new(), removed: Vec::new(), next: String::new() }
    }

    /// One more file; nothing is said of those that were as they should be.
    pub(crate) fn file(&mut self, shown: impl Into<String>) {
        self.files.push(shown.into());
    }

    /// A file that was removed.
    pub(crate) fn removed(&mut self, shown: impl Into<String>) {
        self.removed.push(shown.into());
    }

    /// What people could do with them.
    pub(crate) fn next(&mut self, text: impl Into<String>) {
        self.next = text.into();
    }

    pub(crate) fn write(&self, session: &Session) -> Outcome {
        let mut text: String = self.files.iter().map(|file| format!("wrote {file}\n")).collect();
        text.extend(self.removed.iter().map(|file| format!("removed {file}\n")));
        text.push_str(&self.next);
        if session.is_quiet() {
            text.clear();
        }
        let mut data = serde_json::json!({ "written": self.files });
        if !self.removed.is_empty() {
            data["removed"] = serde_json::json!(self.removed);
        }
        Answer::new(self.verb, text, data).write(session)
    }
}

/// Fails before anything is written where the format is one for findings alone.
pub(crate) fn require_answer_format(session: &Session, verb: &str) -> Result<(), Failure> {
    match session.format {
        Format::Human | Format::Json => Ok(()),
        Format::Github | Format::Junit => Err(no_findings(verb)),
    }
}

fn no_findings(verb: &str) -> Failure {
    Failure::new(format!("`tidings {verb}` finds nothing that this `--format` could show"))
        .help("use `--format human` or `--format json`")
}
