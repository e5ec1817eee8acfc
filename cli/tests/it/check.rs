//! `tidings check`

use crate::tidings::{Project, workspace};

#[test]
fn a_catalog_without_mistakes_passes() {
    let shown = Project::shop().tidings(&["check"]).stdout(0);
    assert_eq!(shown, "the catalog `shop` has no mistakes (1 event, 1 service, 4 files)\n");
    assert_eq!(Project::shop().tidings(&["check", "--quiet"]).stdout(0), "");
}

#[test]
fn warnings_pass_unless_they_are_denied() {
    let project = Project::shop();
    project.write("event-catalog/services/sales.yaml", "service: sales\n");
    let shown = project.tidings(&["check"]).stdout(0);
    assert!(shown.contains("warning["), "{shown}");
    let denied = project.tidings(&["check", "--deny", "warnings"]).stdout(1);
    assert!(denied.contains("error[") && !denied.contains("warning["), "{denied}");
}

#[test]
fn the_samples_pass() {
    let project = Project::empty();
    let catalog = workspace().join("event-catalog");
    let catalog = catalog.to_str().expect("UTF-8");
    project.tidings(&["check", "--deny", "warnings", "--catalog", catalog]).stdout(0);
}
