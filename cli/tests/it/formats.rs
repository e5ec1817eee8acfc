//! The report of one catalog in every format.

use serde_json::{Value, json};

use crate::tidings::{Ended, Project};

/// One error and one warning.
fn mistaken() -> Project {
    let project = Project::shop();
    let event = "event-catalog/orders/order-created.yaml";
    project.write(event, &project.read(event).replace("key: order_id", "key: oder_id"));
    let service = "event-catalog/services/sales.yaml";
    project.write(service, &format!("{}    handler_timeout: 2h\n", project.read(service)));
    project
}

#[test]
fn people_see_the_lines() {
    let shown = mistaken().tidings(&["check"]).stdout(1);
    insta::assert_snapshot!("human", shown);
    // Nothing but the findings.
    let quiet = mistaken().tidings(&["check", "-q"]).stdout(1);
    assert_eq!(Some(quiet.trim_end()), shown.trim_end().rsplit_once("\n\n").map(|(all, _)| all));
}

#[test]
fn machines_get_one_document() {
    let shown = mistaken().tidings(&["check", "--format", "json"]).stdout(1);
    assert_eq!(shown.lines().count(), 1);
    let document: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(document["version"], 1);
    assert_eq!(document["command"], "check");
    assert_eq!(document["passed"], false);
    assert_eq!((&document["errors"], &document["warnings"]), (&json!(1), &json!(1)));
    assert_eq!(
        document["findings"][0],
        json!({
            "code": "T309",
            "name": "key-property",
            "severity": "error",
            "message": "the key `oder_id` is no property of version 1.0",
            "file": "event-catalog/orders/order-created.yaml",
            "line": 3,
            "column": 6,
            "end_line": 3,
            "end_column": 13,
            "label": "",
            "help": ["did you mean `order_id`?"],
            "related": [{
                "file": "event-catalog/orders/order-created.yaml",
                "line": 5,
                "column": 3,
                "end_line": 5,
                "end_column": 6,
                "label": "this version",
            }],
        })
    );
}

#[test]
fn a_catalog_without_mistakes_is_a_document_too() {
    let shown = Project::shop().tidings(&["check", "--format", "json"]).stdout(0);
    insta::assert_snapshot!("json_passed", shown);
}

#[test]
fn github_annotates_the_lines() {
    insta::assert_snapshot!(
        "github",
        mistaken().tidings(&["check", "--format", "github"]).stdout(1)
    );
}

#[test]
fn github_gets_paths_from_the_root_of_the_checkout() {
    let project = mistaken();
    let mut command = project.command_in("event-catalog/orders", &["check", "--format", "github"]);
    let root = project.path().canonicalize().expect("a folder");
    command.env("GITHUB_WORKSPACE", root);
    let shown = Ended::of(command).stdout(1);
    assert!(
        shown.contains("::error file=event-catalog/orders/order-created.yaml,line=3,"),
        "{shown}"
    );
}

#[test]
fn junit_has_a_suite_a_file() {
    insta::assert_snapshot!("junit", mistaken().tidings(&["check", "--format", "junit"]).stdout(1));
}

#[test]
fn what_finds_nothing_has_no_format_for_findings() {
    let project = Project::shop();
    let shown = project.tidings(&["docs", "--format", "junit"]).failure();
    assert_eq!(
        shown,
        "error: `tidings docs` finds nothing that this `--format` could show
  = help: use `--format human` or `--format json`\n"
    );
    // It says so before it writes anything.
    project.tidings(&["generate", "--format", "github"]).failure();
    assert!(!project.path().join("docs").exists());
}
