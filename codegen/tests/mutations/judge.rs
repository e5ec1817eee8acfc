//! What holds of every compilation, whatever the files.

use std::collections::BTreeSet;

use tidings_codegen::emit::rust::{self, State};
use tidings_codegen::render::{Style, render};
use tidings_codegen::source::Span;
use tidings_codegen::{Compilation, compile_files};

/// Paths and what stands there.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Codes of files that could not be read to their end.
const UNREAD: [&str; 4] = ["T001", "T002", "T003", "T009"];

/// Compiles a catalog, and checks what holds of every one.
pub(crate) fn compile(files: &Files) -> Compilation {
    let compilation = compile_files(files.clone());
    diagnostics(&compilation);
    model(&compilation);
    compilation
}

/// Compiles a catalog, emits it and parses what was emitted; all of it twice.
pub(crate) fn emit(files: &Files) {
    let compilation = compile(files);
    let state = if compilation.has_errors() { State::Broken } else { State::Whole };
    let emitted = rust::emit(&compilation.catalog, state);
    let problems: Vec<&str> = emitted.diagnostics.iter().map(|one| one.message.as_str()).collect();
    assert!(compilation.has_errors() || problems.is_empty(), "not emitted: {problems:?}");
    let code = emitted.code();
    let parsed = syn::parse_file(&code);
    assert!(parsed.is_ok(), "no Rust: {:?}\n{code}", parsed.err());

    let again = compile_files(files.clone());
    assert_eq!(again.diagnostics, compilation.diagnostics, "found differently again");
    let emitted_again = rust::emit(&again.catalog, state);
    assert!(emitted_again.code() == code, "emitted differently again");
    let page = tidings_codegen::emit::markdown::emit(&compilation.catalog);
    assert!(page.starts_with('#') || page.starts_with('<'), "no page: {page}");
}

/// Each has a code that is known, lies in its file and can be shown.
fn diagnostics(compilation: &Compilation) {
    let known: BTreeSet<&str> = tidings_codegen::all_codes().iter().map(|code| code.id).collect();
    for diagnostic in &compilation.diagnostics {
        assert!(known.contains(diagnostic.code), "{diagnostic:?}");
        assert!(!diagnostic.message.contains('\n'), "{diagnostic:?}");
        for label in &diagnostic.labels {
            place(compilation, label.span);
        }
        let shown = render(diagnostic, &compilation.sources, &Style::default());
        assert!(shown.contains(diagnostic.code), "{shown}");
        let (line, column) = compilation.sources.position(diagnostic.span());
        let at = format!(":{line}:{column}");
        assert!(shown.contains(&at), "not at {at}:\n{shown}");
    }
}

fn place(compilation: &Compilation, span: Span) {
    let text = &compilation.sources.file(span.file).text;
    assert!(text.get(span.range()).is_some(), "{span:?} is no part of {text:?}");
}

/// Nothing is taken from a file that could not be read to its end.
fn model(compilation: &Compilation) {
    let unread: BTreeSet<_> = compilation
        .diagnostics
        .iter()
        .filter(|one| UNREAD.contains(&one.code))
        .map(|one| one.span().file)
        .collect();
    let catalog = &compilation.catalog;
    let events = catalog.events.values().map(|event| event.span);
    let services = catalog.services.values().map(|service| service.span);
    let types = catalog.types.values().map(|shared| shared.span);
    for span in events.chain(services).chain(types) {
        place(compilation, span);
        assert!(!unread.contains(&span.file), "the model has something of an unread file");
    }
}
