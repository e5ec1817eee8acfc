//! The catalog of the samples, as its authors would check it.

use crate::tidings::{Project, workspace};

fn checked(verb: &str) {
    let catalog = workspace().join("event-catalog");
    let catalog = catalog.to_string_lossy();
    let checked = Project::empty().tidings(&["--catalog", &catalog, verb, "--check"]);
    assert_eq!(checked.code, 0, "`tidings {verb}` mends it\n{}{}", checked.stdout, checked.stderr);
}

#[test]
fn the_samples_are_formatted() {
    checked("fmt");
}

#[test]
fn the_samples_are_what_was_released() {
    checked("release");
}
