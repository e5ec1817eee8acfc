//! Documents with mistakes in them still become catalogs that build.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tidings_codegen::source::SourceMap;
use tidings_codegen::{compile_files, yaml};

use super::{Options, import};

/// Mutations of each document.
const ROUNDS: u64 = 40;

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }
}

fn junk(chance: &mut Chance) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(-1),
        json!(""),
        json!("{a}.*.>"),
        json!("type"),
        json!("x".repeat(3000)),
        json!([]),
        json!({}),
        json!({ "$ref": "#" }),
        json!({ "$ref": "#/nowhere" }),
        json!({ "$ref": "#/components/schemas/Base" }),
        json!({ "oneOf": [{}, { "type": "string" }] }),
        json!({ "allOf": [{ "$ref": "#" }, { "type": "object" }] }),
        json!({ "type": "object", "properties": { "self": {}, "Self": {}, "": {} }, "required": ["b"] }),
        json!({ "type": ["null"], "enum": [] }),
        json!({ "type": "array", "items": [true, false] }),
    ];
    all[chance.below(all.len())].clone()
}

/// Every JSON pointer of a document but those of its version.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut inner = |key: &str, value: &Value| {
        let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        if at != "/asyncapi" {
            pointers(value, &at, found);
            found.push(at);
        }
    };
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| inner(key, value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| inner(&at.to_string(), value));
        }
        _ => {}
    }
}

fn mutate(document: &mut Value, chance: &mut Chance) {
    let mut all = Vec::new();
    pointers(document, "", &mut all);
    let at = all[chance.below(all.len())].clone();
    let junk = junk(chance);
    let (parent, key) = at.rsplit_once('/').expect("a pointer");
    match (chance.below(3), document.pointer_mut(parent)) {
        (0, Some(Value::Object(entries))) => {
            entries.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        _ => *document.pointer_mut(&at).expect("a value") = junk,
    }
}

#[test]
fn documents_with_mistakes_become_catalogs_that_build() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/asyncapi");
    for version in ["2.6", "3.1"] {
        for entry in fs::read_dir(fixtures.join(version)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let read = yaml::parse(&path, &text, &mut SourceMap::default());
            let Ok(original) = read.map(|node| node.to_value()) else { continue };
            for round in 0..ROUNDS {
                let mut chance = Chance(round);
                let mut document = original.clone();
                for _ in 0..=chance.below(3) {
                    mutate(&mut document, &mut chance);
                }
                let folder = tempfile::tempdir().expect("a folder");
                let file = folder.path().join("mutated.json");
                fs::write(&file, document.to_string()).expect("a file");
                let imported = import(&file, &Options::default());
                let imported = imported.unwrap_or_else(|error| panic!("{error}\n{document:#}"));
                let compiled = compile_files(imported.files);
                assert!(!compiled.has_errors(), "{:?}\n{document:#}", compiled.diagnostics);
            }
        }
    }
}
