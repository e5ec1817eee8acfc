//! `tidings generate` and `tidings docs`

use crate::tidings::{Ended, Project};

#[test]
fn documents_are_written_where_they_change() {
    let project = Project::shop();
    let schemas = ["catalog", "domain", "event", "service", "flow", "type"]
        .map(|kind| format!("wrote event-catalog/.editor/v1/{kind}.json\n"));
    let all = format!("wrote docs/EVENTS.md\n{}", schemas.concat());
    assert_eq!(project.tidings(&["generate"]).stdout(0), all);
    assert_eq!(project.tidings(&["generate"]).stdout(0), "");
    assert_eq!(project.tidings(&["generate", "--check"]).stdout(0), "everything is up to date\n");
    let page = project.tidings(&["docs"]).stdout(0);
    assert_eq!(page, project.read("docs/EVENTS.md"));
    assert_eq!(
        project.tidings(&["docs", "--out", "site/events.md"]).stdout(0),
        "wrote site/events.md\n"
    );
    assert_eq!(page, project.read("site/events.md"));
}

#[test]
fn types_are_written_as_a_file_for_each_module() {
    let project = Project::shop();
    let generate = ["generate", "--rust", "src/events.rs"];
    let wrote = project.tidings(&generate).stdout(0);
    let types: Vec<&str> = wrote.lines().filter(|line| line.contains(" src/")).collect();
    let modules = ["wrote src/events/orders.rs", "wrote src/events/sales.rs"];
    assert_eq!(types, [&modules[..], &["wrote src/events.rs"]].concat());
    let root = project.read("src/events.rs");
    assert!(root.contains("pub mod orders;\n") && root.contains("CATALOG"), "{root}");
    let module = project.read("src/events/orders.rs");
    assert!(module.contains("pub struct OrderCreated {"), "{module}");

    // What an edit does not change is not touched.
    let service = "event-catalog/services/sales.yaml";
    let sales = project.read(service);
    project.write(service, &format!("{sales}# Sells on three continents.\n"));
    assert_eq!(project.tidings(&generate).stdout(0), "");

    // What is left of others goes, but nothing that somebody wrote.
    project.write("src/events/returns.rs", &module);
    project.write("src/events/own.rs", "// By hand.\n");
    let check = [&generate[..], &["--check"]].concat();
    let shown = project.tidings(&check).stdout(1);
    let of_returns = "`src/events/returns.rs` is of something that the catalog has no more";
    assert!(shown.contains(of_returns), "{shown}");
    assert!(shown.contains("run `tidings generate --rust src/events.rs`"), "{shown}");
    assert_eq!(project.tidings(&generate).stdout(0), "removed src/events/returns.rs\n");
    assert_eq!(project.read("src/events/own.rs"), "// By hand.\n");
    assert_eq!(project.tidings(&check).stdout(0), "everything is up to date\n");

    // Nor is what somebody wrote written over, or what is of another catalog removed.
    project.write("src/events/sales.rs", "// By hand.\n");
    let said = project.tidings(&generate).failure();
    assert!(said.contains("`src/events/sales.rs` is not one of the generated files"), "{said}");
    assert_eq!(project.read("src/events/sales.rs"), "// By hand.\n");
    project.write("src/events/sales.rs", "");
    let foreign = module.replacen(" `", " `others-", 1);
    project.write("src/events/returns.rs", &foreign);
    assert_eq!(project.tidings(&generate).stdout(0), "wrote src/events/sales.rs\n");
    assert_eq!(project.read("src/events/returns.rs"), foreign);
    let said = project.tidings(&["generate", "--rust", "src/Lib.rs"]).failure();
    assert!(said.contains("`src/Lib.rs` cannot be the file of the types"), "{said}");
}

#[test]
fn types_of_one_service_are_those_that_it_needs() {
    let project = Project::shop();
    let generate = ["generate", "--rust", "src/events.rs", "--for"];
    project.write("event-catalog/returns/domain.yaml", "domain: returns\n");
    let event = "event: returns.parcel.returned\nversions: { 1.0: { payload: { type: object, properties: {} } } }\n";
    project.write("event-catalog/returns/parcel-returned.yaml", event);
    let said = project.tidings(&[&generate[..], &["sale"]].concat()).failure();
    assert!(said.contains("did you mean `sales`?"), "{said}");
    project.tidings(&[&generate[..], &["sales"]].concat()).stdout(0);
    let root = project.read("src/events.rs");
    assert!(root.contains("pub mod orders;") && !root.contains("pub mod returns;"), "{root}");

    let said = project.tidings(&["generate", "--rust", "src/lib.rs"]).failure();
    assert!(said.contains("such as `src/events.rs`"), "{said}");
}

#[test]
fn the_folder_is_the_same_from_everywhere() {
    let project = Project::shop();
    for folder in ["event-catalog", "event-catalog/orders"] {
        let shown = Ended::of(project.command_in(folder, &["generate"])).stdout(0);
        assert!(shown.contains("docs/EVENTS.md\n"), "{shown}");
        std::fs::remove_file(project.path().join("docs/EVENTS.md")).expect("the document");
    }
}

#[test]
fn what_is_stale_is_shown() {
    let project = Project::shop();
    project.tidings(&["generate"]).stdout(0);
    std::fs::remove_file(project.path().join("docs/EVENTS.md")).expect("the document");
    let missing = project.tidings(&["generate", "--check"]).stdout(1);
    insta::assert_snapshot!("missing_document", missing);

    project.tidings(&["generate"]).stdout(0);
    let page = project.read("docs/EVENTS.md");
    project.write("docs/EVENTS.md", &page.replace("was accepted", "was made"));
    let stale = project.tidings(&["generate", "--check"]).stdout(1);
    insta::assert_snapshot!("stale_document", stale);
    let github = project.tidings(&["generate", "--check", "--format", "github"]).stdout(1);
    assert!(github.contains("::error file=docs/EVENTS.md,line="), "{github}");
}

#[test]
fn nothing_is_written_of_a_catalog_with_errors() {
    let project = Project::shop();
    project.write("event-catalog/catalog.yaml", "catalog: shop\ntitel: Shop\n");
    for args in [&["generate"][..], &["generate", "--check"], &["docs"], &["docs", "--out", "a.md"]]
    {
        let shown = project.tidings(args).stdout(1);
        assert!(shown.contains("did you mean `title`?"), "{shown}");
    }
    assert!(!project.path().join("docs").exists() && !project.path().join("a.md").exists());
}
