//! Which catalog is meant.

use crate::tidings::{Ended, Project};

#[test]
fn the_nearest_catalog_is_found_and_paths_start_where_one_stands() {
    let project = Project::shop();
    project.write("event-catalog/orders/broken.yaml", "evnt: x\n");
    project.write("services/billing/src/main.rs", "");
    for (folder, shown) in [
        ("", "event-catalog/orders/broken.yaml:1:1"),
        ("event-catalog", "orders/broken.yaml:1:1"),
        ("event-catalog/orders", "../orders/broken.yaml:1:1"),
        ("services/billing/src", "../../../event-catalog/orders/broken.yaml:1:1"),
    ] {
        let found = Ended::of(project.command_in(folder, &["check"])).stdout(1);
        assert!(found.contains(&format!(" {shown}\n")), "{folder}: {found}");
    }
}

#[test]
fn a_catalog_is_named_by_option_or_variable() {
    let project = Project::shop();
    project.write("other/catalog.yaml", "catalog: other\n");
    let named = project.tidings(&["check", "--catalog", "other"]).stdout(0);
    assert!(named.contains("`other`"), "{named}");

    let mut command = project.command(&["check"]);
    command.env("TIDINGS_CATALOG", "other");
    let named = Ended::of(command).stdout(0);
    assert!(named.contains("`other`"), "{named}");

    let mut command = project.command(&["--catalog", "event-catalog", "check"]);
    command.env("TIDINGS_CATALOG", "other");
    let named = Ended::of(command).stdout(0);
    assert!(named.contains("`shop`"), "{named}");
}

#[test]
fn without_a_catalog_it_says_how_to_get_one() {
    insta::assert_snapshot!("no_catalog", Project::empty().tidings(&["check"]).failure());
    let project = Project::shop();
    let missing = project.tidings(&["check", "--catalog", "event-catalogue"]).failure();
    assert!(missing.starts_with("error: `event-catalogue` does not exist\n"), "{missing}");
    let file = project.tidings(&["check", "--catalog", "event-catalog/catalog.yaml"]).failure();
    assert!(file.starts_with("error: `event-catalog/catalog.yaml` is a file\n"), "{file}");
}
