//! Every mistake that a catalog can have, each in a folder named after it, and what is said about it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tidings_codegen::codes::{Code, Fixtures};
use tidings_codegen::render::{Style, render};

use tidings_codegen::{Compilation, all_codes, compile_files};

/// What a mistake's folder need not have.
const BASE: [(&str, &str); 2] =
    [("catalog.yaml", "catalog: shop\n"), ("orders/domain.yaml", "domain: orders\n")];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn mistakes() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder of mistakes");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    folders
}

fn files(root: &Path, folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a mistake's folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(root, &path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "lock")
        {
            let relative = path.strip_prefix(root).expect("a path below the root").to_owned();
            found.push((relative, fs::read(&path).expect("a file")));
        }
    }
}

fn compile(mistake: &Path) -> Compilation {
    let mut catalog = Vec::new();
    files(mistake, mistake, &mut catalog);
    for (path, text) in BASE {
        if !catalog.iter().any(|(other, _)| other == Path::new(path)) {
            catalog.push((PathBuf::from(path), text.into()));
        }
    }
    catalog.sort();
    compile_files(catalog)
}

#[test]
fn every_mistake_is_explained() {
    let style = Style { color: false, prefix: "event-catalog/".to_owned() };
    for mistake in mistakes() {
        let compilation = compile(&mistake);
        let shown: Vec<String> = compilation
            .diagnostics
            .iter()
            .map(|diagnostic| render(diagnostic, &compilation.sources, &style))
            .collect();
        assert!(!shown.is_empty(), "{} has no mistake", mistake.display());
        insta::with_settings!({
            snapshot_path => &mistake,
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!("shown", shown.join("\n\n"));
        });
    }
}

#[test]
fn every_code_has_a_mistake_and_every_finding_a_code() {
    let found: BTreeSet<&str> = mistakes()
        .iter()
        .flat_map(|mistake| compile(mistake).diagnostics)
        .map(|diagnostic| diagnostic.code)
        .collect();
    // Edits of what was released are shown beside their rules.
    let shown = |code: &&Code| matches!(code.fixtures, Fixtures::Catalogs { .. });
    let known: BTreeSet<&str> = all_codes().into_iter().filter(shown).map(|code| code.id).collect();
    let all: BTreeSet<&str> = all_codes().into_iter().map(|code| code.id).collect();
    assert!(known.is_subset(&found), "{:?} have no mistake", known.difference(&found));
    assert!(found.is_subset(&all), "{:?} are no codes", found.difference(&all));
}
