//! `tidings generate` and `tidings docs`

use crate::tidings::{Ended, Project};

#[test]
fn documents_are_written_where_they_change() {
    let project = Project::shop();
    let schemas = ["catalog", "domain", "event", "service", "type"]
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
