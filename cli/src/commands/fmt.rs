//! `tidings fmt`

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::Outcome;
use crate::difference::Difference;
use crate::failure::Failure;
use crate::file;
use crate::folder::CatalogFolder;
use crate::format;
use crate::output::slashed;
use crate::report::{Finding, Report, Verdict, counted};
use crate::session::Session;

/// What stands for stdin among the paths.
const STDIN: &str = "-";

/// Lay out the catalog's files, and put their keys in order.
///
/// Comments stay where they belong, and the catalog goes on to mean the same. A file that is not YAML is left as it
/// is, and shown.
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Write nothing; show what would change, and fail.
    #[arg(long)]
    check: bool,

    /// Files, and folders with all YAML files in them; by default the catalog. `-` formats stdin to stdout.
    paths: Vec<PathBuf>,
}

impl Fmt {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        if self.paths.iter().any(|path| path == Path::new(STDIN)) {
            return self.stdin(session);
        }
        let mut report = Report::new("fmt");
        let (mut changed, mut wrong) = (Vec::new(), 0);
        let files = self.files(session)?;
        for path in &files {
            let shown = slashed(path);
            report.checked(shown.as_str());
            match self.format(path, &shown)? {
                Done::Nothing => {}
                Done::Written => changed.push(shown),
                Done::Found(found) => {
                    wrong += 1;
                    report.extend(found);
                }
            }
        }
        report.summary(summary(&changed, wrong, files.len()));
        report.data(json!({ "written": changed, "files": files.len() }));
        report.write(session)
    }

    fn format(&self, path: &Path, shown: &str) -> Result<Done, Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::io("cannot read", path, &error))?;
        let Ok(text) = String::from_utf8(bytes) else {
            let message = format!("`{shown}` is not UTF-8");
            let help = "save it in UTF-8";
            return Ok(Done::Found(vec![Finding::in_file(
                "unreadable-file",
                message,
                shown,
                1,
                help,
                "",
            )]));
        };
        let formatted = match format::format(shown, &text) {
            Ok(formatted) => formatted,
            Err(found) => return Ok(Done::Found(found)),
        };
        let Some(difference) = Difference::between(&text, &formatted) else {
            return Ok(Done::Nothing);
        };
        if !self.check {
            file::write(path, &formatted)?;
            return Ok(Done::Written);
        }
        Ok(Done::Found(vec![Finding::in_file(
            "not-formatted",
            format!("`{shown}` is not formatted"),
            shown,
            difference.line,
            "run `tidings fmt`",
            &difference.shown,
        )]))
    }

    fn files(&self, session: &Session) -> Result<Vec<PathBuf>, Failure> {
        if self.paths.is_empty() {
            return files_of(session, &session.folder()?);
        }
        let mut files = Vec::new();
        for path in &self.paths {
            if path.is_dir() {
                files.extend(files_of(session, &CatalogFolder::named(path)?)?);
            } else {
                files.push(path.clone());
            }
        }
        files.sort();
        files.dedup();
        Ok(files)
    }

    fn stdin(&self, session: &Session) -> Outcome {
        if self.paths.len() > 1 || self.check {
            return Err(Failure::new("`-` stands alone: stdin is formatted to stdout")
                .help("`tidings fmt --check <PATHS>` compares files"));
        }
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::new(format!("cannot read stdin: {error}")))?;
        match format::format("stdin", &text) {
            Ok(formatted) => {
                session.output.write(&formatted)?;
                Ok(Verdict::Passed)
            }
            Err(found) => {
                let mut report = Report::new("fmt");
                report.extend(found);
                report.write(session)
            }
        }
    }
}

/// What came of a file.
enum Done {
    /// It is as it should be.
    Nothing,
    Written,
    Found(Vec<Finding>),
}

/// The YAML files of a catalog's folder.
fn files_of(session: &Session, folder: &CatalogFolder) -> Result<Vec<PathBuf>, Failure> {
    let compilation = session.compile(folder)?;
    let files = compilation.sources.files().iter();
    Ok(files.map(|file| folder.path().join(&file.path)).filter(|path| path.is_file()).collect())
}

fn summary(changed: &[String], wrong: usize, files: usize) -> String {
    let lines = changed.iter().map(|file| format!("wrote {file}\n"));
    let files = counted(files, "file");
    let last = match (changed.len(), wrong) {
        (0, 0) => format!("{files} as they should be"),
        (written, 0) => format!("{written} of {files} formatted"),
        (_, wrong) => format!("{wrong} of {files} not as they should be"),
    };
    lines.chain([last]).collect()
}
