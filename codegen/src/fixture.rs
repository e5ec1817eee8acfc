//! Small catalogs written as one text, to show and to test with: see [`Fixtures`].

use crate::codes::Fixtures;
use crate::compat::{self, Snapshot};
use crate::source::SourceMap;
use crate::{Compilation, compile_files, yaml};

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

/// Compiles the catalog that has a finding, if the fixtures are catalogs.
pub fn failing(fixtures: &Fixtures) -> Option<Compilation> {
    match fixtures {
        Fixtures::Catalogs { failing, .. } => Some(compile(failing)),
        Fixtures::Edits { released, failing, .. } => Some(edit(released, failing)),
        Fixtures::Payloads { .. } | Fixtures::Unknown => None,
    }
}

/// Compiles the catalog that is in order, if the fixtures are catalogs.
pub fn passing(fixtures: &Fixtures) -> Option<Compilation> {
    match fixtures {
        Fixtures::Catalogs { passing, .. } => Some(compile(passing)),
        Fixtures::Edits { released, passing, .. } => Some(edit(released, passing)),
        Fixtures::Payloads { .. } | Fixtures::Unknown => None,
    }
}

/// Compiles an edit of a released catalog: files of it that are another text, or gone where they are empty.
pub fn edit(released: &str, edit: &str) -> Compilation {
    let lock = compat::lock::write(&Snapshot::of(&compile(released).catalog));
    let (mut all, edited) = (files(released), files(edit));
    all.retain(|(path, _)| !edited.iter().any(|(other, _)| other == path));
    all.extend(edited.into_iter().filter(|(_, text)| !text.trim().is_empty()));
    all.push((compat::lock::FILE_NAME.to_owned(), lock));
    complete(all)
}

/// A schema written as YAML; any value where it is none.
pub fn schema(text: &str) -> serde_json::Value {
    let mut sources = SourceMap::default();
    let file = sources.add("schema.yaml", text);
    let root = yaml::compose(file, text, &mut Vec::new()).root;
    root.map_or(serde_json::Value::Bool(true), |root| root.to_value())
}

/// Compiles a fixture, completed by what it lacks.
pub fn compile(text: &str) -> Compilation {
    complete(files(text))
}

fn complete(mut files: Vec<(String, String)>) -> Compilation {
    for (path, text) in BASE {
        if !files.iter().any(|(other, _)| other == path) {
            files.push((path.to_owned(), text.to_owned()));
        }
    }
    files.sort();
    compile_files(files)
}
