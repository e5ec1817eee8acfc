//! Each folder of `golden/` holds a catalog and what becomes of it: `expected.rs` and `EVENTS.md`; one where they are
//! of interest, `permissions.conf`. The code is for the services that its file `services` lists, or for all.
//!
//! `UPDATE_GOLDEN=1 cargo test -p tidings-codegen --test golden` writes them anew. That the Rust compiles, without a
//! warning, is checked by `tidings-tests`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tidings_codegen::diagnostic::Severity;
use tidings_codegen::emit::permissions::Options;
use tidings_codegen::emit::rust::{Part, State};
use tidings_codegen::render::{Style, render};
use tidings_codegen::{Compilation, compile, compile_files, emit, write};

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
        let names = std::fs::read_to_string(case.join("services")).unwrap_or_default();
        let names: Vec<String> = names.lines().map(str::to_owned).collect();
        let part = match names.as_slice() {
            [] => Part::whole(&compilation.catalog),
            some => Part::of_services(&compilation.catalog, some).expect("services of the catalog"),
        };
        let generated = emit::rust::emit_part(&compilation.catalog, &part, State::Whole);
        assert!(
            generated.diagnostics.is_empty(),
            "{}: {:#?}",
            case.display(),
            generated.diagnostics
        );
        wrong.extend(settle(&case.join("expected.rs"), &generated.code()));
        let page = emit::markdown::emit(&compilation.catalog);
        wrong.extend(settle(&case.join("EVENTS.md"), &page));
        let permissions = case.join("permissions.conf");
        if permissions.exists() {
            let text = emit::permissions::emit(&compilation.catalog, Options::default());
            wrong.extend(settle(&permissions, &text));
        }
    }
    assert!(wrong.is_empty(), "stale; see the top of this file:\n{}", wrong.join("\n\n"));
}

#[test]
fn the_same_catalog_becomes_the_same_text() {
    for case in cases() {
        let [first, second] = [compiled(&case), compiled(&case)];
        let [first, second] =
            [first, second].map(|found| emit::rust::emit(&found.catalog, State::Whole).code());
        assert_eq!(first, second, "{}", case.display());
    }
}

/// What is written is read as the same, so that nothing is lost in an export or in the lock.
#[test]
fn payloads_are_the_same_after_they_were_written_and_read() {
    for case in cases() {
        let catalog = compiled(&case).catalog;
        for event in catalog.events.values() {
            let mut written = tidings_codegen::json_schema::payload(&catalog, event.newest());
            let again = format!(
                "event: again.{}\nname: Again\nversions: {{ 1.0: {{ payload: {written} }} }}",
                event.id
            );
            let read = compile_files([
                ("catalog.yaml", "catalog: shop".to_owned()),
                ("domain.yaml", "domain: again".to_owned()),
                ("event.yaml", again),
            ]);
            let errors: Vec<String> = read
                .diagnostics
                .iter()
                .filter(|one| one.severity == Severity::Error)
                .map(|one| render(one, &read.sources, &Style::default()))
                .collect();
            assert!(errors.is_empty(), "{}: {written}\n{}", case.display(), errors.join("\n"));
            let event = read.catalog.events.values().next().expect("the event");
            let again = tidings_codegen::json_schema::payload(&read.catalog, event.newest());
            // Types of a payload's own begin with its event's name.
            let again = again.to_string().replace("/Again", "/").replace("\"Again", "\"");
            let mut again = serde_json::from_str(&again).expect("JSON");
            sort_required(&mut written);
            sort_required(&mut again);
            assert_eq!(again, written, "{}", case.display());
        }
    }
}

/// Required properties are in the order of `properties`, which JSON does not keep.
fn sort_required(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(entries) => {
            if let Some(serde_json::Value::Array(names)) = entries.get_mut("required") {
                names.sort_by_key(ToString::to_string);
            }
            entries.values_mut().for_each(sort_required);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(sort_required),
        _ => {}
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
    text.split(start)
        .skip(1)
        .filter_map(|rest| rest.split_once(end))
        .map(|(text, _)| text)
        .collect()
}

#[test]
fn what_is_wrong_takes_nothing_else_away() {
    let event = "event: orders.order.created\nversions:\n  1.0:\n    payload:\n      type: object\n      required: [id]\n      properties:\n        id: { type: string }\n";
    let service = "service: sales\npublishes: [orders.order.craeted]\nsubscriptions:\n  copies:\n    events: [orders.order.created, orders.order.lost]\n";
    let compilation = compile_files([
        ("catalog.yaml", "catalog: shop\n"),
        ("domain.yaml", "domain: orders\n"),
        ("event.yaml", event),
        ("service.yaml", service),
    ]);
    assert!(compilation.has_errors());
    let generated = emit::rust::emit(&compilation.catalog, State::Broken);
    assert!(generated.diagnostics.is_empty(), "{:#?}", generated.diagnostics);
    let code = generated.code();
    for part in
        ["pub struct OrderCreated", "pub struct Publisher", "pub trait Copies", "fn order_created("]
    {
        assert!(code.contains(part), "no `{part}` in\n{code}");
    }

    let errors = emit::rust::compile_errors(&["mistake_0.txt".to_owned()]);
    let expected = "\n::core::compile_error!(::core::include_str!(\"mistake_0.txt\"));\n";
    assert_eq!(errors, expected);
}
