//! A catalog on its way from one state to the next, as an editor sees it: whatever is missing or misplaced, compiling it
//! ends, soon, and without a panic.

use std::path::Path;
use std::time::{Duration, Instant};

use tidings_codegen::render::{Style, render};
use tidings_codegen::{Compilation, compile_files};

/// Every kind of file, with every feature of each.
const CATALOG: [(&str, &str); 5] = [
    ("catalog.yaml", include_str!("mutations/catalog.yaml")),
    ("orders/domain.yaml", include_str!("mutations/orders/domain.yaml")),
    ("orders/order-created.yaml", include_str!("mutations/orders/order-created.yaml")),
    ("services/billing.yaml", include_str!("mutations/services/billing.yaml")),
    ("types/money.yaml", include_str!("mutations/types/money.yaml")),
];

/// Far above what one compilation takes, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

/// Compiles the catalog with another text for one of its files, and shows what is wrong with it.
fn compile(changed: &str, text: &[u8]) -> Compilation {
    let files = CATALOG.map(|(path, whole)| {
        (path, if path == changed { text.to_vec() } else { whole.as_bytes().to_vec() })
    });
    let started = Instant::now();
    let compilation = compile_files(files);
    for diagnostic in &compilation.diagnostics {
        let shown = render(diagnostic, &compilation.sources, &Style::default());
        assert!(shown.contains(diagnostic.code), "{shown}");
    }
    let text = String::from_utf8_lossy(text);
    assert!(started.elapsed() < LIMIT, "{changed} takes too long:\n{text}");
    compilation
}

#[test]
fn the_catalog_itself_is_in_order() {
    let compilation = compile_files(CATALOG);
    let findings: Vec<&str> =
        compilation.diagnostics.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(findings, Vec::<&str>::new());
}

#[test]
fn a_file_may_end_anywhere() {
    for (path, whole) in CATALOG {
        for end in (0..whole.len()).step_by(3) {
            compile(path, &whole.as_bytes()[..end]);
        }
    }
}

#[test]
fn any_line_may_be_missing() {
    for (path, whole) in CATALOG {
        let lines: Vec<&str> = whole.lines().collect();
        for missing in 0..lines.len() {
            let mut left = lines.clone();
            left.remove(missing);
            compile(path, left.join("\n").as_bytes());
        }
    }
}

#[test]
fn any_character_may_be_another() {
    for (path, whole) in CATALOG {
        for (at, other) in
            (0..whole.len()).step_by(3).zip("\t:-[]{}&*#?|>'\"%@`!,\u{0}é".chars().cycle())
        {
            let mut text = whole.as_bytes().to_vec();
            let bytes = other.to_string();
            text.splice(at..=at, bytes.bytes());
            compile(path, &text);
        }
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    let files =
        CATALOG.map(|(path, text)| (path, format!("\u{feff}{}", text.replace('\n', "\r\n"))));
    let compilation = compile_files(files);
    assert_eq!(compilation.diagnostics.len(), 0, "{:?}", compilation.diagnostics);
    assert_eq!(compilation.catalog.events.len(), 1);
}

#[test]
fn a_missing_folder_is_an_error_of_the_file_system() {
    let error = tidings_codegen::compile(Path::new("tests/no-such-folder"));
    assert_eq!(error.map_err(|error| error.kind()).err(), Some(std::io::ErrorKind::NotFound));
}
