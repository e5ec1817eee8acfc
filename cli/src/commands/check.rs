//! `tidings check`

use clap::{Args, ValueEnum};
use serde_json::json;
use tidings_codegen::Compilation;
use tidings_codegen::diagnostic::Severity;
use tidings_codegen::emit::rust::{self, State};

use super::Outcome;
use crate::failure::Failure;
use crate::folder::CatalogFolder;
use crate::report::{Format, Report, counted};
use crate::session::Session;
use crate::watch::Changes;

/// Say everything that is wrong with the catalog, as the build would.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// What is an error though it is none by itself.
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,

    /// Check again whenever the catalog changes, until interrupted.
    #[arg(long)]
    watch: bool,
}

/// What `--deny` makes an error.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Deny {
    /// Every warning.
    Warnings,
}

impl Check {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        let folder = session.folder()?;
        if self.watch {
            return self.watch(session, &folder);
        }
        self.report(session, &folder)?.write(session)
    }

    fn watch(&self, session: &Session, folder: &CatalogFolder) -> Outcome {
        if session.format == Format::Junit {
            return Err(Failure::new("`--watch` writes report after report, and JUnit's is one")
                .help("use `--format json`, which writes a line for each"));
        }
        // Before the first check, so that no change is missed.
        let changes = Changes::of(folder)?;
        loop {
            let report = self.report(session, folder)?;
            session.clear()?;
            let verdict = report.write(session)?;
            if session.output.closed() {
                return Ok(verdict);
            }
            changes.wait()?;
        }
    }

    fn report(&self, session: &Session, folder: &CatalogFolder) -> Result<Report, Failure> {
        let mut compilation = session.compile(folder)?;
        // The build writes Rust as well, and says what cannot be written.
        let state = if compilation.has_errors() { State::Broken } else { State::Whole };
        let generated = rust::emit(&compilation.catalog, state);
        compilation.diagnostics.extend(generated.diagnostics);
        if self.deny.is_some() {
            for diagnostic in &mut compilation.diagnostics {
                diagnostic.severity = Severity::Error;
            }
        }
        let mut report = Report::new("check");
        report.compilation(folder, &compilation);
        report.summary(summary(&report, &compilation));
        report.data(json!({
            "catalog": compilation.catalog.name,
            "events": compilation.catalog.events.len(),
            "services": compilation.catalog.services.len(),
            "files": compilation.sources.files().len(),
        }));
        Ok(report)
    }
}

/// `the catalog \`shop\` has no mistakes: 4 events, 2 services, 9 files`.
fn summary(report: &Report, compilation: &Compilation) -> String {
    let catalog = &compilation.catalog;
    let found = match report.count() {
        (0, 0) => "no mistakes".to_owned(),
        (0, warnings) => counted(warnings, "warning"),
        (errors, 0) => counted(errors, "error"),
        (errors, warnings) => {
            format!("{} and {}", counted(errors, "error"), counted(warnings, "warning"))
        }
    };
    let size = [
        counted(catalog.events.len(), "event"),
        counted(catalog.services.len(), "service"),
        counted(compilation.sources.files().len(), "file"),
    ];
    format!("the catalog `{}` has {found} ({})", catalog.name, size.join(", "))
}
