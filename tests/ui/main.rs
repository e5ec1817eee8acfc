//! What compiles and what does not, and what rustc then says. `README.md` tells how to add a case.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use trybuild::TestCases;

/// A folder of cases each.
const THEMES: [&str; 5] = ["aggregate", "derive", "event_handler", "event_union", "upcast"];

/// Cases that are about more than one mistake, and how many errors there are.
const SEVERAL: [(&str, usize); 3] = [
    ("impl_several_mistakes", 5),
    ("idempotent_without_a_value", 2),
    // Two events; rustc tells of a bound of an async method at its name, at the call and at the argument.
    ("append_of_what_the_service_does_not_publish", 6),
];

#[test]
fn cases() {
    let cases = TestCases::new();
    for theme in THEMES {
        assert!(!files(theme, "fail", "rs").is_empty(), "no cases in {theme}/fail");
        cases.compile_fail(format!("{theme}/fail/*.rs"));
    }
}

/// What compiles is a program of its own: trybuild would build all of Tidings once more for it.
#[test]
fn what_compiles_is_compiled_and_runs() {
    for theme in THEMES {
        let cases = files(theme, "pass", "rs");
        assert!(!cases.is_empty(), "no cases in {theme}/pass");
        for case in cases {
            let name = case.file_stem().unwrap_or_default().to_string_lossy();
            let listed = include_str!("compiles.rs").contains(&format!("{theme}::{name},\n"));
            assert!(listed, "{} is not in compiles.rs", case.display());
        }
    }
    let ended = Command::new(env!("CARGO_BIN_EXE_compiles")).status().unwrap();
    assert!(ended.success(), "{ended}");
}

/// One mistake is one error: what follows from it must not bury it.
#[test]
fn every_mistake_is_reported_once() {
    let mut surprises = Vec::new();
    for path in THEMES.iter().flat_map(|theme| files(theme, "fail", "stderr")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let expected =
            SEVERAL.iter().find(|(case, _)| *case == name).map_or(1, |(_, count)| *count);
        let stderr = fs::read_to_string(&path).unwrap();
        let found = stderr.lines().filter(|line| line.starts_with("error")).count();
        if found != expected {
            surprises.push(format!("{}: {found} errors, not {expected}", path.display()));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// Every failing case has its message beside it, and every message its case.
#[test]
fn cases_and_messages_are_paired() {
    for theme in THEMES {
        let stems = |extension| {
            let files = files(theme, "fail", extension);
            files.into_iter().map(|path| path.with_extension("")).collect::<Vec<_>>()
        };
        assert_eq!(stems("rs"), stems("stderr"), "in {theme}/fail");
    }
}

fn files(theme: &str, outcome: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(theme).join(outcome);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}
