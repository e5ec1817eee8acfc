//! Small catalogs written as one text, to show and to test with: see [`Fixtures`](crate::codes::Fixtures).

use crate::{Compilation, compile_files};

/// What a fixture need not write.
const BASE: [(&str, &str); 2] =
    [("catalog.yaml", "catalog: shop\n"), ("orders/domain.yaml", "domain: orders\n")];

/// The files of a fixture, each begun by a comment with its path.
pub fn files(text: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.trim_start().lines() {
        match (line.strip_prefix("# "), files.last_mut()) {
            (Some(path), _) => files.push((path.to_owned(), String::new())),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    files
}

/// Compiles a fixture, completed by what it lacks.
pub fn compile(text: &str) -> Compilation {
    let mut files = files(text);
    for (path, text) in BASE {
        if !files.iter().any(|(other, _)| other == path) {
            files.push((path.to_owned(), text.to_owned()));
        }
    }
    files.sort();
    compile_files(files)
}
