//! What the compiler reads, editors accept; what it refuses for its shape, they refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;

use super::FileKind;
use crate::source::SourceMap;
use crate::yaml::{Kind, Node, compose};
use crate::{Compilation, compile_files};

struct Schemas(BTreeMap<&'static str, Validator>);

impl Schemas {
    fn new() -> Self {
        let compiled = |kind: FileKind| {
            let schema = kind.schema().to_value();
            (kind.name(), jsonschema::validator_for(&schema).expect("a schema"))
        };
        Self(FileKind::ALL.into_iter().map(compiled).collect())
    }

    /// What is wrong with a file; nothing is known about one that is not YAML, or says not what it is.
    fn judge(&self, path: &Path, text: &str) -> Option<Vec<String>> {
        let node = parsed(text)?;
        let value = node.to_value();
        let errors = self.0.get(kind(path, &node)?.name())?.iter_errors(&value);
        Some(errors.map(|error| format!("{}: {error}", error.instance_path())).collect())
    }
}

fn parsed(text: &str) -> Option<Node> {
    let file = SourceMap::default().add("file.yaml", text);
    let mut found = Vec::new();
    let composed = compose(file, text, &mut found);
    composed.root.filter(|_| composed.whole && found.is_empty())
}

fn kind(path: &Path, node: &Node) -> Option<FileKind> {
    if path.iter().any(|part| part == "types") {
        return Some(FileKind::Type);
    }
    let Kind::Mapping(entries) = &node.kind else { return None };
    let named = |key: &str| FileKind::ALL.into_iter().find(|kind| kind.name() == key);
    entries.iter().find_map(|(key, _)| named(&key.text)).filter(|kind| *kind != FileKind::Type)
}

/// Every YAML file below a folder, with its path from there.
fn files(root: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found.sort();
    found
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            // What is not UTF-8 is no YAML either.
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let relative = path.strip_prefix(root).expect("a path below the root").to_owned();
            found.push((relative, text));
        }
    }
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders(of: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(package().join(of)).expect("a folder");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    folders
}

#[test]
fn the_schemas_are_schemas() {
    for kind in FileKind::ALL {
        let schema = kind.schema().to_value();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        if let Err(error) = jsonschema::meta::validate(&schema) {
            panic!("{}: {error}", kind.name());
        }
    }
}

#[test]
fn what_compiles_is_accepted() {
    let schemas = Schemas::new();
    let golden = folders("tests/golden").into_iter().map(|case| case.join("catalog"));
    let catalogs = golden.chain([
        package().join("../event-catalog"),
        package().join("../tests/catalog"),
        package().join("tests/mutations/catalog"),
    ]);
    let mut wrong = Vec::new();
    for catalog in catalogs {
        let files = files(&catalog);
        assert!(!files.is_empty(), "no catalog in {}", catalog.display());
        for (path, text) in files {
            let errors = schemas.judge(&path, &text).expect("a file of the catalog");
            wrong.extend(
                errors
                    .iter()
                    .map(|error| format!("{}/{}: {error}", catalog.display(), path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_of_the_samples_names_its_schema() {
    for (path, text) in files(&package().join("../event-catalog")) {
        let kind = kind(&path, &parsed(&text).expect("YAML")).expect("a kind of file");
        assert_eq!(text.lines().next(), Some(kind.modeline(&path).as_str()), "{}", path.display());
    }
}

/// The codes of mistakes that a file's shape shows.
const SHAPE: [&str; 5] = ["T012", "T013", "T014", "T201", "T204"];

/// Mistakes with such a code that take more than one value, a calendar or the text of a number to see.
const BEYOND_SHAPE: [&str; 6] = [
    "copy-in-a-minor-version",
    "date-that-does-not-exist",
    "maps-with-odd-names",
    "object-without-properties",
    "subject-parameter-twice",
    "version-without-minor",
];

#[test]
fn mistakes_of_shape_are_refused() {
    let schemas = Schemas::new();
    let (mut missed, mut seen) = (BTreeSet::new(), 0);
    for mistake in folders("tests/diagnostics") {
        let name = mistake.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = files(&mistake);
        let Compilation { diagnostics, sources, .. } = compile_files(files.clone());
        for diagnostic in diagnostics.iter().filter(|one| SHAPE.contains(&one.code)) {
            let path = sources.path(diagnostic.span());
            let text = files.iter().find(|(other, _)| other == path).map(|(_, text)| text);
            let Some(errors) = text.and_then(|text| schemas.judge(path, text)) else { continue };
            seen += 1;
            if errors.is_empty() {
                missed.insert(name.clone());
            }
        }
    }
    let expected = BEYOND_SHAPE.into_iter().map(str::to_owned).collect();
    assert_eq!(missed, expected, "accepted by editors, left; known, right");
    assert!(seen > 10, "only {seen} mistakes of shape");
}

#[test]
fn every_key_is_described() {
    fn walk(place: &str, schema: &serde_json::Value, missing: &mut Vec<String>) {
        let Some(schema) = schema.as_object() else { return };
        for (name, property) in
            schema.get("properties").and_then(|all| all.as_object()).into_iter().flatten()
        {
            let place = format!("{place}/{name}");
            let described =
                property["description"].as_str().is_some_and(|text| text.ends_with('.'));
            if !described {
                missing.push(place.clone());
            }
            walk(&place, property, missing);
        }
        for part in ["items", "additionalProperties"] {
            if let Some(inner) = schema.get(part) {
                walk(&format!("{place}/{part}"), inner, missing);
            }
        }
    }
    let mut missing = Vec::new();
    for kind in FileKind::ALL {
        let schema = kind.schema().to_value();
        walk(kind.name(), &schema, &mut missing);
        for (name, definition) in schema["definitions"].as_object().into_iter().flatten() {
            walk(name, definition, &mut missing);
        }
    }
    assert!(missing.is_empty(), "give these keys a sentence for their readers: {missing:#?}");
}
