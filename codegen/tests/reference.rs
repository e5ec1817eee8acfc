//! The table of codes, the code that uses it, the fixtures, `docs/diagnostics.md` and `tidings explain` agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tidings_codegen::render::Style;
use tidings_codegen::{all_codes, fixture, reference};

fn codegen() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn ids_and_names_are_different_and_sorted() {
    let ids: Vec<&str> = all_codes().iter().map(|code| code.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    let names: BTreeSet<&str> = all_codes().iter().map(|code| code.name).collect();
    assert_eq!(names.len(), ids.len());
    for code in all_codes() {
        assert_ne!(code.area(), "Other", "{}", code.id);
        assert!(code.explanation.ends_with('.'), "{} is explained in sentences", code.id);
    }
}

#[test]
fn every_failing_fixture_fails_and_every_passing_one_is_in_order() {
    let mut wrong = Vec::new();
    for code in all_codes() {
        let id = code.id;
        if let Some(compilation) = fixture::failing(&code.fixtures) {
            let found: Vec<&str> = compilation.diagnostics.iter().map(|one| one.code).collect();
            if !found.contains(&id) {
                wrong.push(format!("{id} is not found in its failing fixture: {found:?}"));
            }
        }
        if let Some(compilation) = fixture::passing(&code.fixtures) {
            let found: Vec<&str> = compilation.diagnostics.iter().map(|one| one.code).collect();
            if compilation.has_errors() || found.contains(&id) {
                wrong.push(format!("the passing fixture of {id} is not in order: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One mistake, one finding: a fixture that is taken for several kinds of mistake teaches nobody.
#[test]
fn a_failing_fixture_has_no_error_but_its_own() {
    let mut wrong = Vec::new();
    for code in all_codes() {
        let Some(compilation) = fixture::failing(&code.fixtures) else { continue };
        let others = compilation.errors().filter(|one| one.code != code.id);
        wrong.extend(others.map(|one| format!("{}: {} {}", code.id, one.code, one.message)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_in_the_sources_is_in_the_table_and_the_other_way_round() {
    let mut written = BTreeSet::new();
    let mut files = Vec::new();
    collect(&codegen().join("src"), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        for declared in text.split("id: \"").skip(1).chain(text.split(" = \"").skip(1)) {
            let id = declared.split('"').next().unwrap_or_default();
            let digits = id.strip_prefix('T').unwrap_or_default();
            if digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()) {
                written.insert(id.to_owned());
            }
        }
    }
    let known: BTreeSet<String> = all_codes().iter().map(|code| code.id.to_owned()).collect();
    assert_eq!(written, known);
}

#[test]
fn explain_and_the_page_say_the_same() {
    let page = reference::page();
    for code in all_codes() {
        let title = format!("## {} {}\n", code.id, code.name);
        let (_, section) = page.split_once(&title).expect("a section for each code");
        let section = section.split("\n## ").next().unwrap_or_default();
        for line in reference::entry(code, &Style::default()).lines().skip(1) {
            let line = line.strip_prefix("    ").unwrap_or(line);
            let said = section.lines().any(|other| other.trim_end() == line);
            assert!(said, "{}: the page does not say {line:?}", code.id);
        }
    }
}

#[test]
fn a_code_is_found_by_its_id_and_its_name_and_a_slip_suggests_one() {
    let found =
        |word| reference::find(word).map(|code| code.id).map_err(|near| near.map(|one| one.id));
    assert_eq!(found("T410"), Ok("T410"));
    assert_eq!(found("t410"), Ok("T410"));
    assert_eq!(found("unconsumed-event"), Ok("T410"));
    assert_eq!(found("unconsumed-events"), Err(Some("T410")));
    assert_eq!(found("whatever it may be"), Err(None));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
