//! `tidings dashboard`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use tidings_codegen::emit::operations::{self, Options};
use tidings_codegen::model::Catalog;

use super::Outcome;
use crate::answer::{Answer, require_answer_format};
use crate::document::{Document, Documents};
use crate::report::Report;
use crate::session::Session;

/// Write what operators look at: dashboard, alerts, runbook.
///
/// These are a dashboard for Grafana, rules for Prometheus and a page in Markdown. The dashboard has a row for all services and one for each of them. Alerts take their thresholds from `alerts` of the
/// catalog, and lead to the runbook. `docker compose up` in the folder starts NATS, Prometheus and Grafana with all of it.
/// A file that is as it should be is not touched.
#[derive(Debug, Args)]
pub(crate) struct Dashboard {
    /// Write nothing; show what is not up to date, and fail.
    #[arg(long)]
    check: bool,

    /// Folder to write to; by default `docs/operations` beside `event-catalog`, or in a catalog of another name.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Print this alone, and write nothing.
    #[arg(long, value_enum, value_name = "PART", conflicts_with_all = ["check", "out", "targets"])]
    print: Option<Part>,

    /// Where the runbook is read, such as `https://wiki.example.com/runbook`; alerts and panels lead there.
    ///
    /// By default alerts name the file beside them, and the dashboard has the runbook as its last row.
    #[arg(long, value_name = "URL", value_parser = runbook)]
    runbook: Option<String>,

    /// Where a service hands out `/metrics`, as Prometheus reaches it; once for each.
    ///
    /// By default `host.docker.internal:8080`: a service on the machine that the containers run on.
    #[arg(long = "target", value_name = "HOST:PORT", value_parser = target)]
    targets: Vec<String>,
}

/// One of the documents.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Part {
    /// The dashboard, as JSON to import or provision.
    Grafana,
    /// The alerts, as a file of rules.
    Prometheus,
    /// The runbook, in Markdown.
    Runbook,
}

impl Dashboard {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        if !self.check {
            require_answer_format(session, "dashboard")?;
        }
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        if compilation.has_errors() {
            let mut report = Report::new("dashboard");
            report.compilation(&folder, &compilation);
            report.summary("nothing is written while the catalog has errors");
            return report.write(session);
        }
        let catalog = &compilation.catalog;
        if let Some(part) = self.print {
            let text = part.text(catalog, &self.options());
            let data = json!({ "document": text });
            return Answer::new("dashboard", text, data).write(session);
        }
        let usual = || folder.project().join("docs/operations");
        let out = self.out.clone().unwrap_or_else(usual);
        let files = operations::files(catalog, &self.options()).into_iter();
        let documents: Vec<Document> =
            files.map(|file| Document { path: out.join(file.path), text: file.text }).collect();
        Documents::of("dashboard", documents).settle(self.check, session)
    }

    fn options(&self) -> Options {
        let usual = Options::default();
        let targets = if self.targets.is_empty() { usual.targets } else { self.targets.clone() };
        Options { runbook: self.runbook.clone(), targets }
    }
}

impl Part {
    fn text(self, catalog: &Catalog, options: &Options) -> String {
        match self {
            Self::Grafana => operations::dashboard(catalog, options),
            Self::Prometheus => operations::rules(catalog, options),
            Self::Runbook => operations::runbook(catalog),
        }
    }
}

fn runbook(text: &str) -> Result<String, String> {
    let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_address = address.is_some_and(|rest| {
        !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c == '#' || c == '\'')
    });
    if is_address {
        return Ok(text.to_owned());
    }
    Err("write an address such as `https://wiki.example.com/runbook`; the part behind `#` is that of each alert".to_owned())
}

fn target(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':');
    let is_target = parts.is_some_and(|(host, port)| {
        let plain =
            |c: char| c.is_ascii_alphanumeric() || ['.', '-', '_', '[', ']', ':'].contains(&c);
        !host.is_empty()
            && host.chars().all(plain)
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    if is_target {
        return Ok(text.to_owned());
    }
    Err("write a host and a port such as `orders:8080`, without `http://` and a path".to_owned())
}
