//! What `tidings dashboard` asks for is what the runtime measures.

use std::collections::BTreeSet;
use std::path::Path;

use tidings::metrics::METRICS;
use tidings_codegen::emit::operations::{self, Options};

/// Prometheus' own: what tells processes and buckets apart, and what it says of alerts.
const OF_PROMETHEUS: [&str; 3] = ["job", "instance", "le"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

/// Every expression of the samples' rules and dashboard.
fn expressions() -> Vec<String> {
    let compiled = tidings_codegen::compile(&root().join("event-catalog")).expect("a catalog");
    let options = Options::default();
    let rules = operations::rules(&compiled.catalog, &options);
    let rules = rules.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    let dashboard = operations::dashboard(&compiled.catalog, &options);
    let panels = dashboard.lines().filter_map(|line| line.trim().strip_prefix("\"expr\": "));
    let panels = panels.map(|text| text.replace("\\\"", "\""));
    rules.map(str::to_owned).chain(panels).filter(|asked| !asked.contains("ALERTS{")).collect()
}

#[test]
fn what_is_asked_for_is_measured() {
    let guide = std::fs::read_to_string(root().join("docs/observability.md")).expect("the guide");
    let mut seen = BTreeSet::new();
    for asked in expressions() {
        for (before, matchers) in asked.split('}').filter_map(|part| part.split_once('{')) {
            let name = before.rsplit(['(', ' ', '\'', '"']).next().expect("a name");
            let base = name.strip_suffix("_bucket").unwrap_or(name);
            let metric = METRICS.iter().find(|metric| metric.name == base);
            let metric = metric.unwrap_or_else(|| panic!("nothing measures `{name}`: {asked}"));
            seen.insert(metric.name);
            for matcher in matchers.split(',') {
                let (label, values) = matcher.split_once('=').expect("a label");
                assert!(metric.labels.contains(&label), "`{name}` has no `{label}`: {asked}");
                if !["status", "kind"].contains(&label) {
                    continue;
                }
                for value in values.trim_matches(['~', '"']).split('|') {
                    assert!(guide.contains(&format!("`{value}`")), "no {label} is `{value}`");
                }
            }
        }
        for labels in asked.split(" by (").skip(1).filter_map(|rest| rest.split_once(')')) {
            for label in labels.0.split(", ") {
                let known = METRICS.iter().any(|metric| metric.labels.contains(&label));
                assert!(known || OF_PROMETHEUS.contains(&label), "nothing has `{label}`: {asked}");
            }
        }
        // Outboxes say nothing about themselves, so they are asked for without braces.
        let plain = METRICS.iter().filter(|metric| asked.contains(&format!("({})", metric.name)));
        seen.extend(plain.map(|metric| metric.name));
    }
    let all: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(seen, all, "what is measured, and shown nowhere");
}
