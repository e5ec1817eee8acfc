//! What Tidings grew from names the tests that show it: they exist.

use std::fs;
use std::path::Path;

const FOLDERS: [&str; 5] = ["cli/tests", "codegen/tests", "examples", "sdk/src", "tests"];

#[test]
fn tests_that_the_seeds_name_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let page = fs::read_to_string(root.join("docs/seeds.md")).expect("the page");
    let mut sources = String::new();
    for folder in FOLDERS {
        collect(&root.join(folder), &mut sources);
    }
    let named: Vec<&str> =
        page.split('`').skip(1).step_by(2).filter(|code| is_test(code)).collect();
    assert!(named.len() > 50, "the page names tests: {named:?}");
    let missing = named.into_iter().filter(|name| !sources.contains(name));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new());
}

/// A name of three words and more is a test's.
fn is_test(code: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    code.chars().all(plain) && code.matches('_').count() > 2
}

fn collect(folder: &Path, sources: &mut String) {
    let entries = fs::read_dir(folder).expect("a folder").filter_map(Result::ok);
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|found| found == "rs") {
            sources.push_str(&fs::read_to_string(path).expect("a source"));
        }
    }
}
