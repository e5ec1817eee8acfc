//! `tidings release`, `tidings breaking` and `tidings diff`

use std::process::Command;

use crate::tidings::{Ended, Project};

const EVENT: &str = "event-catalog/orders/order-created.yaml";
const LOCK: &str = "event-catalog/catalog.lock";

/// A project of which the catalog is released, and then edited.
fn edited(from: &str, to: &str) -> Project {
    let project = Project::shop();
    project.tidings(&["release"]).stdout(0);
    edit(&project, from, to);
    project
}

fn edit(project: &Project, from: &str, to: &str) {
    let text = project.read(EVENT);
    assert!(text.contains(from), "{from}");
    project.write(EVENT, &text.replace(from, to));
}

fn git(project: &Project, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]);
    let output = git.args(arguments).current_dir(project.path()).output().expect("git");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_release_is_written_once_and_can_be_checked() {
    let project = Project::shop();
    let stale = project.tidings(&["release", "--check"]).stdout(1);
    assert!(stale.contains("`event-catalog/catalog.lock` is missing"), "{stale}");
    assert_eq!(project.tidings(&["release"]).stdout(0), format!("wrote {LOCK}\n"));
    assert_eq!(project.tidings(&["release"]).stdout(0), format!("{LOCK} is up to date\n"));
    let fresh = project.tidings(&["release", "--check"]).stdout(0);
    assert_eq!(fresh, "the catalog is what was released\n");
    assert_eq!(project.tidings(&["breaking"]).stdout(0), "nothing breaks what was released\n");
}

#[test]
fn a_break_of_what_was_released_fails_each_verb() {
    let project = edited("format: uuid", "format: date");
    let lock = project.read(LOCK);
    for verb in ["check", "breaking", "release"] {
        let shown = project.tidings(&[verb]).stdout(1);
        assert!(
            shown.contains("error[T615]") && shown.contains("`sales` (`copies`)"),
            "{verb}: {shown}"
        );
    }
    assert_eq!(project.read(LOCK), lock);
}

#[test]
fn an_acknowledged_break_is_released_and_its_entry_goes() {
    let project = edited("required: [order_id]", "required: []");
    let entry = "  1.0:\n    breaks: [{ rule: T605, at: /properties/order_id, because: drafts, until: 2020-01-01 }]\n";
    edit(&project, "  1.0:\n", entry);
    edit(&project, "key: order_id\n", "");
    let key = "breaks: [{ rule: key-changed, because: drafts, until: 9999-12-31 }]\nversions:";
    edit(&project, "versions:", key);
    // For too long: the build stops, and the release is the way out.
    let shown = project.tidings(&["check"]).stdout(1);
    assert!(shown.contains("error[T904]") && shown.contains("warning[T903]"), "{shown}");
    let shown = project.tidings(&["release"]).stdout(0);
    assert!(shown.contains("! `order_id` may be missing"), "{shown}");
    let shown = project.tidings(&["check"]).stdout(0);
    assert_eq!(shown.matches("warning[T905]").count(), 2, "{shown}");
}

#[test]
fn the_day_of_a_build_can_be_set() {
    let project = edited("required: [order_id]", "required: []");
    let entry = "  1.0:\n    breaks: [{ rule: T605, because: drafts, until: 2030-06-30 }]\n";
    edit(&project, "  1.0:\n", entry);
    for (seconds, code) in [("1909094399", "warning[T903]"), ("1909094400", "error[T904]")] {
        let mut command = project.command(&["check"]);
        command.env("SOURCE_DATE_EPOCH", seconds);
        let ended = Ended::of(command);
        assert!(ended.stdout.contains(code), "{seconds}: {}", ended.stdout);
    }
}

#[test]
fn a_dry_run_lists_what_would_be_released() {
    let project =
        edited("      properties:\n", "      properties:\n        note: { type: string }\n");
    let lock = project.read(LOCK);
    let shown = project.tidings(&["release", "--dry-run"]).stdout(0);
    let expected = "`orders.order.created` 1.0\n  + `note` is new at /properties/note\n1 change, none of which is a break; nothing is written\n";
    assert_eq!(shown, expected);
    assert_eq!(project.read(LOCK), lock);
}

#[test]
fn a_broken_or_newer_lock_is_an_error_at_its_line() {
    let project = edited("format: uuid", "format: uuid");
    let lock = project.read(LOCK);
    project.write(LOCK, &lock.replacen("\"events\": {", "<<<<<<< HEAD\n  \"events\": {", 1));
    let shown = project.tidings(&["check"]).stdout(1);
    assert!(shown.contains("error[T901]") && shown.contains("catalog.lock:"), "{shown}");
    assert!(shown.contains("<<<<<<< HEAD"), "{shown}");
    project.write(LOCK, "{ \"format\": 7, \"whatever\": [] }\n");
    let shown = project.tidings(&["check"]).stdout(1);
    assert!(shown.contains("error[T902]") && shown.contains("format 7"), "{shown}");
    project.write(LOCK, "");
    let shown = project.tidings(&["check"]).stdout(1);
    assert!(shown.contains("error[T901]"), "{shown}");
}

#[test]
fn what_git_has_a_folder_or_a_lock_can_be_compared_with() {
    let project = Project::shop();
    git(&project, &["init", "-q", "-b", "main"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-q", "-m", "first"]);
    for (path, text) in crate::tidings::SHOP {
        project.write(&format!("old/{path}"), text);
    }
    project.tidings(&["release"]).stdout(0);
    std::fs::rename(project.path().join(LOCK), project.path().join("old.lock")).expect("a lock");
    edit(&project, "format: uuid", "format: date");
    for against in ["main", "HEAD", "old/event-catalog", "old.lock"] {
        let shown = project.tidings(&["breaking", "--against", against]).stdout(1);
        assert!(shown.contains("error[T615]"), "{against}: {shown}");
        let shown = project.tidings(&["diff", against]).stdout(1);
        assert!(
            shown.contains("! `format: uuid` becomes `date` at /properties/order_id"),
            "{shown}"
        );
    }
    assert!(project.tidings(&["diff", "main", "old.lock"]).stdout(0).starts_with("0 changes"));
    let missing = project.tidings(&["breaking", "--against", "v1"]).failure();
    assert!(missing.contains("neither a file, nor a folder, nor a git reference"), "{missing}");
    let option = project.tidings(&["breaking", "--against=--help"]).failure();
    assert!(option.contains("nor a git reference"), "{option}");
}

#[test]
fn without_a_repository_a_reference_is_explained() {
    let shown = Project::shop().tidings(&["diff", "main"]).failure();
    assert!(shown.contains("the catalog is in no git repository"), "{shown}");
}

#[test]
fn versions_of_an_event_are_compared() {
    let project = Project::shop();
    let second =
        "  2.0:\n    payload: { type: object, properties: { order_id: { type: integer } } }\n";
    project.write(EVENT, &(project.read(EVENT) + second));
    let shown = project.tidings(&["diff", "orders.order.created", "1.0", "2.0"]).stdout(1);
    assert!(shown.contains("! string becomes integer at /properties/order_id [T606"), "{shown}");
    let json = project.tidings(&["diff", "orders.order.created", "1.0", "2.0", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout(1)).expect("JSON");
    let changes = json["data"]["changes"].as_array().expect("changes");
    let changed = changes.iter().find(|one| one["code"] == "T606").expect("the changed type");
    assert_eq!(changed["hurts"], serde_json::json!({ "readers": true, "history": true }));
    assert_eq!(changed["part"]["version"], "2.0");
    let shown = project.tidings(&["diff", "orders.order.created", "1.0", "3.0"]).failure();
    assert!(shown.contains("has no version 3.0") && shown.contains("1.0, 2.0"), "{shown}");
}
