//! `tidings explain`

use serde_json::Value;

use crate::tidings::Project;

#[test]
fn codes_and_names_are_explained() {
    let project = Project::empty();
    let by_code = project.tidings(&["explain", "t103"]).stdout(0);
    assert!(by_code.starts_with("T103 unknown-event\nAn error.\n"), "{by_code}");
    assert_eq!(by_code, project.tidings(&["explain", "unknown-event"]).stdout(0));
}

#[test]
fn every_code_is_listed_and_can_be_explained() {
    let project = Project::empty();
    let listed = project.tidings(&["explain", "--list", "--format", "json"]).stdout(0);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let listed = listed["data"].as_array().expect("a list");
    assert_eq!(listed.len(), tidings_codegen::all_codes().len());
    let lines = project.tidings(&["explain", "--list"]).stdout(0);
    assert_eq!(lines.lines().count(), listed.len());
    for name in listed.iter().map(|code| code["name"].as_str().expect("a name")) {
        assert!(lines.contains(name), "{name}");
    }
}

#[test]
fn a_misspelt_name_is_guessed() {
    insta::assert_snapshot!(
        "misspelt_name",
        Project::empty().tidings(&["explain", "unknown-evnt"]).failure()
    );
    let code = Project::empty().tidings(&["explain", "X"]).failure();
    assert!(!code.contains("did you mean"), "{code}");
}
