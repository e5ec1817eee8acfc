//! What a verb has found, and how it is written for people and for machines.

mod finding;
mod github;
mod human;
pub(crate) mod json;
mod junit;

use clap::ValueEnum;
use serde_json::Value;
use tidings_codegen::Compilation;
use tidings_codegen::diagnostic::Severity;

pub(crate) use finding::{Finding, Place};

use crate::failure::Failure;
use crate::folder::CatalogFolder;
use crate::session::Session;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the lines of the catalog.
    #[default]
    Human,
    /// One JSON document; `docs/cli.md` describes its fields.
    Json,
    /// Annotations of GitHub Actions.
    Github,
    /// XML for the test reports of CI servers.
    Junit,
}

/// How a verb ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Exit code 0.
    Passed,
    /// Exit code 1.
    Failed,
}

/// What a verb has found. Errors make it fail; warnings do not.
#[derive(Debug)]
pub(crate) struct Report {
    verb: &'static str,
    checked: Vec<String>,
    findings: Vec<Finding>,
    summary: String,
    data: Option<Value>,
}

impl Report {
    /// The report of a verb, without findings yet.
    pub(crate) fn new(verb: &'static str) -> Self {
        let (checked, findings) = Default::default();
        Self { verb, checked, findings, summary: String::new(), data: None }
    }

    /// Adds everything that compiling a catalog found, and the names of its files.
    pub(crate) fn compilation(&mut self, folder: &CatalogFolder, compilation: &Compilation) {
        let prefix = folder.prefix();
        for diagnostic in &compilation.diagnostics {
            self.push(Finding::diagnostic(diagnostic, &compilation.sources, &prefix));
        }
        for file in compilation.sources.files() {
            self.checked(format!("{prefix}{}", file.path.to_string_lossy().replace('\\', "/")));
        }
    }

    /// Remembers that a file was looked at, whether or not something was found in it.
    pub(crate) fn checked(&mut self, file: impl Into<String>) {
        self.checked.push(file.into());
    }

    /// Adds a finding.
    pub(crate) fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds findings.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// The last line for people who want to know what was done.
    pub(crate) fn summary(&mut self, text: impl Into<String>) {
        self.summary = text.into();
    }

    /// What machines asked to read: `data` in the JSON document.
    pub(crate) fn data(&mut self, data: Value) {
        self.data = Some(data);
    }

    /// How many errors and how many warnings there are.
    pub(crate) fn count(&self) -> (usize, usize) {
        let errors = self.findings.iter().filter(|one| one.severity == Severity::Error).count();
        (errors, self.findings.len() - errors)
    }

    /// Whether there is an error.
    pub(crate) fn verdict(&self) -> Verdict {
        if self.count().0 == 0 { Verdict::Passed } else { Verdict::Failed }
    }

    /// Writes the report as the session wants it, and answers the verdict.
    pub(crate) fn write(&self, session: &Session) -> Result<Verdict, Failure> {
        let text = match session.format {
            Format::Human => human::write(self, session.is_quiet()),
            Format::Json => json::write(self)?,
            Format::Github => github::write(self),
            Format::Junit => junit::write(self)?,
        };
        session.output.write(&text)?;
        Ok(self.verdict())
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
