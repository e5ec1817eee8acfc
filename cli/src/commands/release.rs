//! `tidings release`

use clap::Args;
use serde_json::json;
use tidings_codegen::Compilation;
use tidings_codegen::compat::{self, Snapshot, lock};

use super::Outcome;
use crate::answer::{Answer, require_answer_format};
use crate::baseline;
use crate::changes;
use crate::difference::Difference;
use crate::failure::Failure;
use crate::file;
use crate::folder::CatalogFolder;
use crate::output::slashed;
use crate::report::{Finding, Report};
use crate::session::Session;

/// Write down what is released: `catalog.lock`, by which the next edit is judged.
///
/// Refused while the catalog has errors. A break is released once it is acknowledged under `breaks`; the entry can go
/// afterwards.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Write nothing; fail where the catalog is not what was released.
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,

    /// Write nothing; list what would be released.
    #[arg(long)]
    dry_run: bool,
}

/// What was acknowledged for too long: a release is the way out of it.
const EXPIRED: &str = "break-expired";

impl Release {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        if !self.check {
            require_answer_format(session, "release")?;
        }
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        let found = compilation
            .errors()
            .map(|error| Finding::diagnostic(error, &compilation.sources, &folder.prefix()));
        let errors: Vec<Finding> = found.filter(|finding| finding.name != EXPIRED).collect();
        if !errors.is_empty() {
            let mut report = Report::new("release");
            report.extend(errors);
            report.summary("nothing is released while the catalog has errors");
            return report.write(session);
        }
        let snapshot = Snapshot::of(&compilation.catalog);
        if self.check {
            return check(&folder, &snapshot, session);
        }
        self.release(&folder, &compilation, &snapshot, session)
    }

    fn release(
        &self,
        folder: &CatalogFolder,
        compilation: &Compilation,
        snapshot: &Snapshot,
        session: &Session,
    ) -> Outcome {
        let path = folder.path().join(lock::FILE_NAME);
        let shown = format!("{}{}", folder.prefix(), lock::FILE_NAME);
        let before = baseline::released(folder)?;
        let levels = &compilation.levels;
        let changes = before.map(|before| compat::compare(&before, snapshot)).unwrap_or_default();
        let is_written = !self.dry_run && file::write(&path, &lock::write(snapshot))?;
        let mut text = String::new();
        if !session.is_quiet() {
            text.push_str(&changes::shown(&changes, levels));
            text.push_str(&match (self.dry_run, is_written) {
                (true, _) => {
                    format!("{}; nothing is written\n", changes::summary(&changes, levels))
                }
                (false, true) => format!("wrote {shown}\n"),
                (false, false) => format!("{shown} is up to date\n"),
            });
        }
        let written = if is_written { vec![shown] } else { Vec::new() };
        let data = json!({ "written": written, "changes": changes::data(&changes, levels) });
        Answer::new("release", text, data).write(session)
    }
}

fn check(folder: &CatalogFolder, snapshot: &Snapshot, session: &Session) -> Outcome {
    let path = folder.path().join(lock::FILE_NAME);
    let shown = slashed(&path);
    let shown = shown.strip_prefix("./").unwrap_or(&shown);
    let mut report = Report::new("release");
    report.checked(shown);
    report.extend(stale(&path, shown, &lock::write(snapshot))?);
    if report.count() == (0, 0) {
        report.summary("the catalog is what was released");
    }
    report.write(session)
}

fn stale(path: &std::path::Path, shown: &str, text: &str) -> Result<Option<Finding>, Failure> {
    let help = "run `tidings release`";
    let finding = |message, line, detail: &str| {
        Some(Finding::in_file("not-released", message, shown, line, help, detail))
    };
    Ok(match file::read(path)? {
        None => finding(format!("`{shown}` is missing"), 1, ""),
        Some(found) => Difference::between(&found, text).and_then(|difference| {
            finding(
                "the catalog is not what was released".to_owned(),
                difference.line,
                &difference.shown,
            )
        }),
    })
}
