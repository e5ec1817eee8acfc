//! Each folder of `golden/` holds a catalog and what becomes of it: `expected.rs` and `EVENTS.md`.
//!
//! `UPDATE_GOLDEN=1 cargo test -p tidings-codegen --test golden` writes them anew. That the Rust compiles, without a
//! warning, is checked by `tidings-tests`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tidings_codegen::diagnostic::Severity;
use tidings_codegen::render::{Style, render};
use tidings_codegen::{Compilation, compile, emit, write};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(&folder).expect("the folder of cases");
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry of the folder").path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no case in {}", folder.display());
    cases
}

fn compiled(case: &Path) -> Compilation {
    let compilation = compile(&case.join("catalog")).expect("a readable catalog");
    let errors: Vec<String> = compilation
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| render(diagnostic, &compilation.sources, &Style::default()))
        .collect();
    assert!(errors.is_empty(), "{}:\n{}", case.display(), errors.join("\n\n"));
    compilation
}

/// Compares, or writes where that was asked for; returns what is wrong.
fn settle(path: &Path, text: &str) -> Option<String> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        write::write(path, text).expect("a writable file");
        return None;
    }
    let stale = write::check(path, text).expect("a readable file")?;
    Some(format!("{}, {stale}", path.display()))
}

#[test]
fn catalogs_become_what_is_expected() {
    let mut wrong = Vec::new();
    for case in cases() {
        let compilation = compiled(&case);
        let generated = emit::rust::emit(&compilation.catalog);
        assert!(generated.diagnostics.is_empty(), "{}: {:#?}", case.display(), generated.diagnostics);
        wrong.extend(settle(&case.join("expected.rs"), &generated.code));
        let page = emit::markdown::emit(&compilation.catalog);
        wrong.extend(settle(&case.join("EVENTS.md"), &page));
    }
    assert!(wrong.is_empty(), "stale; see the top of this file:\n{}", wrong.join("\n\n"));
}

#[test]
fn the_same_catalog_becomes_the_same_text() {
    for case in cases() {
        let [first, second] = [compiled(&case), compiled(&case)];
        assert_eq!(emit::rust::emit(&first.catalog).code, emit::rust::emit(&second.catalog).code);
    }
}

#[test]
fn links_of_the_page_lead_somewhere() {
    for case in cases() {
        let page = emit::markdown::emit(&compiled(&case).catalog);
        let anchors: Vec<&str> = between(&page, "<a id=\"", "\"");
        let known: BTreeSet<&str> = anchors.iter().copied().collect();
        assert_eq!(known.len(), anchors.len(), "{}: an anchor stands twice", case.display());
        for target in between(&page, "](#", ")") {
            assert!(known.contains(target), "{}: no anchor `{target}`", case.display());
        }
    }
}

/// Every text between two marks.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split_once(end)).map(|(text, _)| text).collect()
}
