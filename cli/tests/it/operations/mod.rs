//! What operators look at, judged by the tools that read it. `cargo xtask tools` fetches them.

mod catalogs;
mod grafana;
mod kubernetes;
mod local;
mod prometheus;
mod runbook;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tidings_codegen::emit::operations;

use crate::tidings::{Ended, Project, workspace};

const FETCH: &str = "run `cargo xtask tools`";

fn tools() -> PathBuf {
    let home = workspace().join("target/tools/operations");
    assert!(home.is_dir(), "schemas of operators' files are missing: {FETCH}");
    home
}

/// Node.js, with the packages that `tests/operations` lists.
fn node() -> Command {
    let mut node = Command::new("node");
    node.env("NODE_PATH", tools().join("node_modules"));
    node
}

/// Python, with the packages that `tests/operations` lists.
fn python() -> Command {
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", tools().join("python"));
    python
}

/// The documents of a file in YAML, as a reader of our own making would not see them.
fn yaml(file: &Path) -> Vec<Value> {
    const READ: &str = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1], encoding='utf-8')))))";
    let mut read = python();
    read.args(["-c", READ]).arg(file);
    serde_json::from_str(&Ended::of(read).stdout(0)).expect("JSON")
}

/// What Prometheus' own tool says; it fails where the tool refuses.
#[track_caller]
fn promtool(args: &[&str], file: &Path) -> String {
    let mut tool = Command::new("promtool");
    tool.args(args).arg(file);
    let ended = Ended::of(tool);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    ended.stdout
}

/// A server that only reads its configuration, which is refused or not.
#[track_caller]
fn nats_server_accepts(configuration: &Path) {
    let server = std::env::var_os("TIDINGS_NATS_SERVER").map(PathBuf::from);
    let server = server.unwrap_or_else(|| workspace().join("target/tools/nats-server"));
    let mut server = Command::new(server);
    server.arg("-t").arg("-c").arg(configuration);
    server.envs([("SERVER_NAME", "nats-0"), ("NATS_TOKEN", "t0ken")]);
    let ended = Ended::of(server);
    assert_eq!(ended.code, 0, "{FETCH}: {}{}", ended.stdout, ended.stderr);
}

/// Everything that is written of a catalog, in `docs/operations` of a project.
fn written(catalog: &Path) -> Project {
    let compiled = tidings_codegen::compile(catalog).expect("a catalog");
    assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
    let project = Project::empty();
    for file in operations::files(&compiled.catalog, &operations::Options::default()) {
        project.write(&format!("docs/operations/{}", file.path), &file.text);
    }
    project
}

/// A file of them.
fn file(project: &Project, file: &str) -> PathBuf {
    project.path().join("docs/operations").join(file)
}

fn json(file: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file).expect("a file")).expect("JSON")
}

/// The text of a JSON string.
#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The items of a JSON array.
#[track_caller]
fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

/// Every anchor of a page in Markdown.
fn anchors(page: &str) -> Vec<&str> {
    let parts = page.split("<a id=\"").skip(1);
    parts.filter_map(|rest| rest.split_once('"')).map(|(anchor, _)| anchor).collect()
}

#[test]
fn the_folder_is_written_where_it_changes() {
    let project = Project::shop();
    let files = [
        "docker-compose.yml",
        "grafana/dashboards/events.json",
        "grafana/provisioning/dashboards/events.yml",
        "grafana/provisioning/datasources/prometheus.yml",
        "nats/nats-server.conf",
        "prometheus/prometheus.yml",
        "prometheus/rules.yml",
        "runbook.md",
    ];
    let all: String = files.map(|file| format!("wrote docs/operations/{file}\n")).concat();
    assert_eq!(project.tidings(&["dashboard"]).stdout(0), all);
    assert_eq!(project.tidings(&["dashboard"]).stdout(0), "");
    assert_eq!(project.tidings(&["dashboard", "--check"]).stdout(0), "everything is up to date\n");

    let rules = project.read("docs/operations/prometheus/rules.yml");
    assert_eq!(project.tidings(&["dashboard", "--print", "prometheus"]).stdout(0), rules);
    project.write("docs/operations/prometheus/rules.yml", &rules.replace("10m", "1h"));
    let stale = project.tidings(&["dashboard", "--check"]).stdout(1);
    assert!(stale.contains("`docs/operations/prometheus/rules.yml` is not up to date"), "{stale}");
    assert!(stale.contains("run `tidings dashboard`"), "{stale}");
}

/// The files that are committed for the samples.
#[test]
fn those_of_the_samples_are_up_to_date() {
    let [catalog, out] = ["event-catalog", "docs/operations"].map(|path| workspace().join(path));
    let [catalog, out] = [&catalog, &out].map(|path| path.to_str().expect("UTF-8"));
    let args = ["--catalog", catalog, "dashboard", "--check", "--out", out];
    assert_eq!(Project::empty().tidings(&args).stdout(0), "everything is up to date\n");
}

#[test]
fn nothing_is_written_of_a_catalog_with_errors() {
    let project = Project::shop();
    project.write("event-catalog/catalog.yaml", "catalog: shop\ntitel: Shop\n");
    for args in
        [&["dashboard"][..], &["dashboard", "--check"], &["dashboard", "--print", "grafana"]]
    {
        let shown = project.tidings(args).stdout(1);
        assert!(shown.contains("did you mean `title`?"), "{shown}");
    }
    assert!(!project.path().join("docs").exists());
}

#[test]
fn what_is_no_address_is_refused() {
    let project = Project::shop();
    for (args, help) in [
        (["--runbook", "wiki/runbook"], "write an address"),
        (["--runbook", "https://wiki.example.com/runbook#alerts"], "that of each alert"),
        (["--target", "http://orders:8080"], "without `http://`"),
        (["--target", "orders"], "a host and a port"),
        (["--target", "orders:99999"], "a host and a port"),
    ] {
        let shown = project.tidings(&["dashboard", args[0], args[1]]).failure();
        assert!(shown.contains(help), "{shown}");
    }
}
