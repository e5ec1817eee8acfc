//! Containers to see it all at home: NATS with JetStream, Prometheus with the alerts, Grafana with the dashboard.
//!
//! What does not depend on the catalog lies here as it is written.

use super::prometheus::quoted;
use super::{File, HEADER, Options};
use crate::model::Catalog;

/// Without a default of its own, so that two catalogs on one machine are two sets of containers.
const PROJECT: &str = "{{project}}";
const TARGETS: &str = "{{targets}}";

pub(super) fn files(catalog: &Catalog, options: &Options) -> Vec<File> {
    let targets: Vec<String> = options.targets.iter().map(|target| quoted(target)).collect();
    let files = [
        ("docker-compose.yml", include_str!("docker-compose.yml")),
        ("grafana/provisioning/dashboards/events.yml", include_str!("dashboards.yml")),
        ("grafana/provisioning/datasources/prometheus.yml", include_str!("datasources.yml")),
        ("nats/nats-server.conf", include_str!("nats-server.conf")),
        ("prometheus/prometheus.yml", include_str!("prometheus.yml")),
    ];
    files
        .map(|(path, text)| {
            let text = text.replace(PROJECT, &catalog.name).replace(TARGETS, &targets.join(", "));
            File { path, text: format!("{HEADER}{text}") }
        })
        .into()
}
