//! A catalog on its way from one state to the next, as an editor sees it, and catalogs that nobody meant: whatever is
//! missing or misplaced, compiling it ends without a panic, and what is said about it can be shown.
//!
//! `TIDINGS_FUZZ=1000000 cargo test -p tidings-codegen --test mutations random` tries more than CI does;
//! `TIDINGS_FUZZ_SEED=42` begins elsewhere, as a failure says.

mod judge;
mod random;

use std::path::Path;

use judge::Files;
use tidings_codegen::{Compilation, compile_files};

/// Every kind of file, with every feature of each.
const CATALOG: [(&str, &str); 5] = [
    ("catalog.yaml", include_str!("catalog/catalog.yaml")),
    ("orders/domain.yaml", include_str!("catalog/orders/domain.yaml")),
    ("orders/order-created.yaml", include_str!("catalog/orders/order-created.yaml")),
    ("services/billing.yaml", include_str!("catalog/services/billing.yaml")),
    ("types/money.yaml", include_str!("catalog/types/money.yaml")),
];

/// The catalog with another text for one of its files.
fn changed(file: &str, text: &[u8]) -> Files {
    let files = CATALOG.map(|(path, whole)| {
        (path.to_owned(), if path == file { text.to_vec() } else { whole.as_bytes().to_vec() })
    });
    files.to_vec()
}

fn compile(file: &str, text: &[u8]) -> Compilation {
    judge::compile(&changed(file, text))
}

/// A number of the environment.
fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|error| panic!("{name}={value}: {error}")))
}

/// How many random catalogs are tried where nobody says otherwise.
const TRIES: u64 = 400;

#[test]
fn random_catalogs_do_no_harm() {
    let catalogs = random::catalogs();
    let first = variable("TIDINGS_FUZZ_SEED").unwrap_or(1);
    for seed in first..first + variable("TIDINGS_FUZZ").unwrap_or(TRIES) {
        let files = random::mutated(&catalogs, seed);
        let judged = std::panic::catch_unwind(|| judge::emit(&files));
        if judged.is_err() {
            for (path, content) in &files {
                eprintln!("# {path}\n{}", String::from_utf8_lossy(content));
            }
            panic!("TIDINGS_FUZZ_SEED={seed} TIDINGS_FUZZ=1 shows it again");
        }
    }
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
        // At every byte, of a long file at every third.
        for end in (0..whole.len()).step_by(if whole.len() < 500 { 1 } else { 3 }) {
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
