//! `tidings init`. That what it and `tidings new` write can be built is shown by `tidings-tests`.

use crate::tidings::Project;

#[test]
fn a_new_catalog_has_no_mistakes() {
    let project = Project::empty();
    project.tidings(&["init", "--name", "shop"]).stdout(0);
    let shown = project.tidings(&["check", "--deny", "warnings"]).stdout(0);
    assert_eq!(shown, "the catalog `shop` has no mistakes (1 event, 1 service, 4 files)\n");
    project.tidings(&["fmt", "--check"]).stdout(0);
    assert_eq!(project.tidings(&["generate"]).stdout(0), "wrote docs/EVENTS.md\n");
}

#[test]
fn it_says_what_it_wrote_and_what_comes_next() {
    let project = Project::empty();
    let shown = project.tidings(&["init", "shop/event-catalog"]).stdout(0);
    insta::assert_snapshot!("init", shown);
    // Named after the folder around it.
    assert!(project.read("shop/event-catalog/catalog.yaml").contains("\ncatalog: shop\n"));
    let shown = Project::empty().tidings(&["init", "--format", "json", "--bare"]).stdout(0);
    assert!(shown.contains(r#""event-catalog/catalog.yaml""#), "{shown}");
}

#[test]
fn a_bare_catalog_is_yaml_and_what_editors_know_about_it() {
    let project = Project::empty();
    project.tidings(&["init", "--bare", "--name", "shop", "."]).stdout(0);
    let files = project.files();
    let yaml =
        ["catalog.yaml", "orders/domain.yaml", "orders/order-created.yaml", "services/sales.yaml"];
    let (editor, catalog): (Vec<_>, Vec<_>) =
        files.iter().map(String::as_str).partition(|file| file.starts_with(".editor/"));
    assert_eq!(catalog, yaml);
    assert_eq!(editor.len(), 6);
    project.tidings(&["check", "--deny", "warnings"]).stdout(0);
}

#[test]
fn nothing_is_overwritten_and_nothing_is_half_written() {
    let project = Project::empty();
    project.write("event-catalog/services/sales.yaml", "service: mine\n");
    let shown = project.tidings(&["init"]).failure();
    assert_eq!(
        shown,
        "error: `event-catalog/services/sales.yaml` is there already, and nothing is overwritten\n"
    );
    assert_eq!(project.files(), ["event-catalog/services/sales.yaml"]);
}

#[test]
fn a_workspace_around_it_is_noticed() {
    let project = Project::empty();
    project.write("Cargo.toml", "[workspace]\nmembers = []\n");
    let shown = project.tidings(&["init"]).stdout(0);
    let said = "First add the crate to `members` of the workspace in Cargo.toml\n";
    assert!(shown.ends_with(said), "{shown}");
}

#[test]
fn mistakes_are_told_with_the_way_out() {
    let project = Project::empty();
    let name = project.tidings(&["init", "--name", "My Shop"]).failure();
    assert!(name.contains("such as `my-shop`"), "{name}");
    let checkout = project.tidings(&["init", "--tidings", "nowhere"]).failure();
    assert!(checkout.contains("`nowhere` is no checkout of Tidings"), "{checkout}");
    assert!(project.files().is_empty());
}
