//! `tidings docs`

mod serve;
mod site;

use std::net::SocketAddr;
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

/// Print the catalog as a page to read, in Markdown, or write it as a site.
///
/// `tidings generate` keeps the same page as a file of the project. The site of `--html` is a folder of static pages with a
/// search and a map: it needs no server and asks nothing of a network. `--serve` shows it while the catalog is edited.
#[derive(Debug, Args)]
pub(crate) struct Docs {
    /// Write a site of static pages; it begins with `index.html`.
    #[arg(long)]
    html: bool,

    /// Serve the site to browsers of this machine, and load it anew whenever the catalog changes, until interrupted.
    #[arg(long, conflicts_with_all = ["html", "out"])]
    serve: bool,

    /// Where `--serve` listens; with port 0, on any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4280", requires = "serve")]
    address: SocketAddr,

    /// File to write to instead of stdout; of `--html` the folder, by default `site` beside `event-catalog`.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

impl Docs {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "docs")?;
        let folder = session.folder()?;
        if self.serve {
            return serve::run(session, &folder, self.address);
        }
        let compilation = session.compile(&folder)?;
        if compilation.has_errors() {
            let mut report = Report::new("docs");
            report.compilation(&folder, &compilation);
            report.summary("there is no page of a catalog with errors");
            return report.write(session);
        }
        let catalog = &compilation.catalog;
        if self.html {
            let out = self.out.clone().unwrap_or_else(|| folder.project().join("site"));
            return site::write(session, catalog, &out);
        }
        let page = markdown::emit(catalog);
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
