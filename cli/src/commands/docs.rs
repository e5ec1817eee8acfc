//! `tidings docs`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tidings_codegen::emit::markdown;

use super::Outcome;
use crate::answer::{Answer, Written, require_answer_format};
use crate::file;
use crate::output::slashed;
use crate::report::Report;
use crate::session::Session;

/// Print the catalog as a page to read, in Markdown.
///
/// `tidings generate` keeps the same page as a file of the project.
#[derive(Debug, Args)]
pub(crate) struct Docs {
    /// File to write to instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Docs {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "docs")?;
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        if compilation.has_errors() {
            let mut report = Report::new("docs");
            report.compilation(&folder, &compilation);
            report.summary("there is no page of a catalog with errors");
            return report.write(session);
        }
        let page = markdown::emit(&compilation.catalog);
        let Some(path) = &self.out else {
            let data = json!({ "page": page });
            return Answer::new("docs", page, data).write(session);
        };
        let mut written = Written::new("docs");
        if file::write(path, &page)? {
            written.file(slashed(path));
        }
        written.write(session)
    }
}
