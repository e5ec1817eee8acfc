//! What whoever operates the services looks at: a Grafana dashboard, alerts for Prometheus, a runbook, and a set of
//! containers to see it all at home.

mod alerts;
mod grafana;
mod local;
mod metrics;
mod prometheus;
mod runbook;

use crate::model::Catalog;

pub use grafana::emit as dashboard;
pub use prometheus::rules;
pub use runbook::emit as runbook;

/// Where the runbook lies beside the other files.
const RUNBOOK: &str = "runbook.md";

/// What files say about their origin, as a comment.
const HEADER: &str = "# @generated from the event catalog by `tidings dashboard`. Do not edit: edit the YAML and run it again.\n";

/// What the catalog does not say.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where people read the runbook, as `https://wiki.example.com/runbook`; by default the file beside the rules.
    pub runbook: Option<String>,
    /// Where services hand out their metrics, seen from Prometheus: `host:port`.
    pub targets: Vec<String>,
}

impl Options {
    /// Where services hand out metrics unless it is said: on the machine that the containers run on.
    pub const TARGET: &str = "host.docker.internal:8080";

    /// Where an alert's entry in the runbook is read.
    fn entry(&self, alert: &alerts::Alert) -> String {
        format!("{}#{}", self.runbook.as_deref().unwrap_or(RUNBOOK), alert.anchor())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { runbook: None, targets: vec![Self::TARGET.to_owned()] }
    }
}

/// A file, in the folder of all that operators look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the folder, with `/`.
    pub path: &'static str,
    /// What it holds.
    pub text: String,
}

/// Every file, sorted by path.
pub fn files(catalog: &Catalog, options: &Options) -> Vec<File> {
    let mut files = vec![
        File { path: "grafana/dashboards/events.json", text: dashboard(catalog, options) },
        File { path: "prometheus/rules.yml", text: rules(catalog, options) },
        File { path: RUNBOOK, text: runbook(catalog) },
    ];
    files.extend(local::files(catalog, options));
    files.sort_by_key(|file| file.path);
    files
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::alerts::ALERTS;

    #[test]
    fn alerts_are_known_by_their_names_and_anchors() {
        let names: BTreeSet<&str> = ALERTS.iter().map(|alert| alert.name).collect();
        let anchors: BTreeSet<String> = ALERTS.iter().map(|alert| alert.anchor()).collect();
        assert_eq!((names.len(), anchors.len()), (ALERTS.len(), ALERTS.len()));
        assert!(anchors.contains("subscription-lagging"), "{anchors:?}");
    }
}
