//! Every mistake that a catalog can have, each in a folder named after it, and what is said about it.

use std::collections::{BTreeMap, BTreeSet};
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

/// Folders that hold several mistakes of a kind, to show how each is told.
const SEVERAL: &[&str] = &[
    "all-of-without-a-value",
    "breaks-acknowledged",
    "definitions-of-draft-7",
    "dependent-property-missing",
    "discriminator-without-its-property",
    "duration-in-words",
    "enum-of-two-types",
    "enum-values-collide",
    "environment-breaks-the-limits",
    "environment-misspelt",
    "example-does-not-fit",
    "example-in-a-schema-does-not-fit",
    "exclusive-minimum-of-draft-4",
    "extension-hides-nothing",
    "key-is-personal",
    "key-one-level-down",
    "keywords-of-draft-4",
    "maps-with-odd-names",
    "minor-version-breaks",
    "property-without-letters",
    "released-topology-edited",
    "released-version-edited",
    "retries-outlive-the-stream",
    "rule-misspelt",
    "rule-that-always-holds",
    "rule-with-unknown-level",
    "type-beside-one-of",
    "unknown-event",
    "unknown-type",
    "version-without-example",
];

#[test]
fn one_mistake_is_one_finding() {
    let several: BTreeMap<String, usize> = mistakes()
        .iter()
        .map(|mistake| (name(mistake), compile(mistake).diagnostics.len()))
        .filter(|(name, findings)| *findings != 1 && !SEVERAL.contains(&name.as_str()))
        .collect();
    assert_eq!(several, BTreeMap::new());
}

/// What a hurried person might do, and what is no mistake.
#[test]
fn other_ways_to_write_the_same_are_understood() {
    let event = "event: orders.order.created\nversions:\n  1.0:\n    payload: { type: object }\n    examples: [{}]\n";
    let json = r#"{
\t"event": "orders.order.created",
\t"versions": { "1.0": { "payload": { "type": "object" }, "examples": [{}] } },
}"#;
    for (way, text) in [
        ("as it is meant", event.to_owned()),
        ("a document's marks around it", format!("---\n{event}...\n")),
        ("a directive", format!("%YAML 1.2\n---\n{event}")),
        ("JSON with tabs and a comma too many", json.replace("\\t", "\t")),
        (
            "a byte order mark and Windows' line ends",
            format!("\u{feff}{}", event.replace('\n', "\r\n")),
        ),
        ("a tab behind a colon", event.replace("payload: ", "payload:\t")),
        ("no line end at the end", event.trim_end().to_owned()),
        (
            "a word of YAML in capitals",
            event.replace("type: object", "type: object, deprecated: True"),
        ),
        ("a version in quotes", event.replace("1.0", "\"1.0\"")),
        ("a comma at the end of a list", event.replace("[{}]", "[{},]")),
        (
            "words that YAML 1.1 took for other things",
            event.replace(
                "{ type: object }",
                "{ type: object, properties: { on: { enum: [no, yes] }, n: { type: string } } }",
            ),
        ),
    ] {
        let service = "service: shop\npublishes: [orders.order.created]\nsubscriptions: { all: { events: [orders.>], ordered_by_key: False } }\n";
        let mut files = vec![("order-created.yaml", text.as_str()), ("shop.yaml", service)];
        files.extend(BASE);
        let compilation = compile_files(files);
        let found: Vec<&str> =
            compilation.diagnostics.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(found, Vec::<&str>::new(), "{way}");
        assert_eq!(compilation.catalog.events.len(), 1, "{way}");
    }
}

/// Two versions that a number would confuse.
#[test]
fn versions_are_no_numbers() {
    let event = "event: orders.order.created\nversions:\n  1.1: { payload: { type: object } }\n  1.10: { payload: { type: object } }\n";
    let compilation = compile_files([BASE[0], BASE[1], ("order-created.yaml", event)]);
    let versions: Vec<String> = compilation
        .catalog
        .events
        .values()
        .flat_map(|event| event.versions.keys())
        .map(ToString::to_string)
        .collect();
    assert_eq!(versions, ["1.1", "1.10"]);
}

fn name(mistake: &Path) -> String {
    mistake.file_name().unwrap_or_default().to_string_lossy().into_owned()
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
