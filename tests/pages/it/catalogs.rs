//! The YAML of the pages: each block is laid over a catalog that has what it names, and the whole is compiled.
//!
//! A block says which file it is about, by a comment (`# services/billing.yaml`) or by its first key (`event: …`). What it says
//! takes the place of what that file says under the same keys; versions and subscriptions are taken one by one. Blocks of a
//! page build on each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tidings_codegen::render::{Style, render};
use tidings_codegen::source::SourceMap;
use tidings_codegen::{compile_files, yaml};

use crate::markdown::{Block, blocks, pages};
use crate::texts::exempt;

/// Files by their paths from the catalog's folder.
type Files = BTreeMap<String, Value>;

/// Keys below which a block adds to what is there, instead of taking its place.
const JOINED: [&str; 6] =
    ["defaults", "environments", "properties", "stream", "subscriptions", "versions"];

#[test]
fn every_catalog_compiles() {
    let (mut compiled, mut refused) = (0, Vec::new());
    for (page, _) in pages() {
        let mut files = ground(&page);
        for block in yaml_of(&page) {
            lay(&mut files, &block);
            refused.extend(refusal(&files, &block));
            compiled += 1;
        }
    }
    assert!(compiled > 20, "the pages show catalogs: {compiled}");
    assert!(refused.is_empty(), "{}", refused.join("\n\n"));
}

fn yaml_of(page: &str) -> Vec<Block> {
    let own = blocks().into_iter().filter(|block| block.page == page && block.language == "yaml");
    own.filter(|block| !exempt(block)).collect()
}

/// The catalog of the pages, with what this one takes for granted beside it (`grounds/`). Its orders are an aggregate only where a page
/// says so, as that settles their subjects.
fn ground(page: &str) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("event-catalog");
    let mut files = Files::new();
    read(&folder, &folder, &mut files);
    let domain = files.get_mut("orders/domain.yaml").and_then(Value::as_object_mut);
    domain.expect("a domain").remove("aggregates").expect("it has some");
    let name = Path::new(page).with_extension("yaml");
    let path = folder.with_file_name("grounds").join(name.file_name().expect("a name"));
    if let Ok(text) = fs::read_to_string(&path) {
        let (page, language) = (path.display().to_string(), "yaml".to_owned());
        lay(&mut files, &Block { page, line: 1, language, number: 1, text });
    }
    files
}

fn read(folder: &Path, around: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, around, files);
        } else if path.extension().is_some_and(|kind| kind == "yaml") {
            let name = path.strip_prefix(around).expect("a file of it").display().to_string();
            files.insert(name, value(&fs::read_to_string(&path).expect("UTF-8"), &path.display()));
        }
    }
}

fn value(text: &str, place: &dyn std::fmt::Display) -> Value {
    let parsed = yaml::parse("block.yaml", text, &mut SourceMap::default());
    parsed.unwrap_or_else(|found| panic!("{place} is no YAML: {}", found[0].message)).to_value()
}

/// Lays each part of a block over the file that it is about.
fn lay(files: &mut Files, block: &Block) {
    for (path, text) in parts(block) {
        let place = format!("{}:{}", block.page, block.line);
        let part = value(&text, &place);
        let path = path.unwrap_or_else(|| found(files, &part, &place));
        match files.get_mut(&path) {
            Some(file) => join(file, part),
            None => drop(files.insert(path, part)),
        }
    }
}

/// The parts of a block, each with the path that the comment before it names.
fn parts(block: &Block) -> Vec<(Option<String>, String)> {
    let mut parts: Vec<(Option<String>, String)> = Vec::new();
    for line in block.text.lines() {
        let comment = line.strip_prefix("# ").and_then(|text| text.split([':', ',', ' ']).next());
        if let Some(path) = comment.filter(|word| word.ends_with(".yaml")) {
            let path = path.trim_start_matches("event-catalog/").to_owned();
            parts.push((Some(path), String::new()));
            continue;
        }
        if parts.is_empty() {
            parts.push((None, String::new()));
        }
        let text = &mut parts.last_mut().expect("one at least").1;
        text.push_str(line);
        text.push('\n');
    }
    parts.retain(|(_, text)| {
        text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'))
    });
    parts
}

/// The file that begins with the same key and name; a new one where there is none.
fn found(files: &Files, part: &Value, place: &str) -> String {
    for kind in ["catalog", "domain", "event", "service", "flow"] {
        let Some(name) = part[kind].as_str() else { continue };
        let mut same = files.iter().filter(|(_, file)| {
            file[kind] == name || (kind == "catalog" && file[kind].is_string())
        });
        return match (same.next(), kind) {
            (Some((path, _)), _) => path.clone(),
            (None, "service") => format!("services/{name}.yaml"),
            (None, "domain") => format!("{name}/domain.yaml"),
            (None, "flow") => format!("flows/{name}.yaml"),
            (None, _) => {
                let (domain, rest) = name.split_once('.').expect("a domain before a dot");
                format!("{domain}/{}.yaml", rest.replace(['.', '_'], "-"))
            }
        };
    }
    panic!("{place}: say in a comment which file it is about, such as `# services/billing.yaml`")
}

fn join(old: &mut Value, new: Value) {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { panic!("files are mappings") };
    for (key, value) in new {
        match old.get_mut(&key) {
            Some(Value::Object(entries)) if JOINED.contains(&&*key) => {
                let Value::Object(value) = value else { panic!("`{key}` is a mapping") };
                for (name, entry) in value {
                    match (entries.get_mut(&name), entry) {
                        // Versions, subscriptions, defaults.
                        (Some(own @ Value::Object(_)), entry @ Value::Object(_)) => {
                            within(own, entry);
                        }
                        (_, entry) => drop(entries.insert(name, entry)),
                    }
                }
            }
            Some(Value::Object(_)) if key == "payload" => {
                join(old.get_mut(&key).expect("found"), value);
            }
            _ => drop(old.insert(key, value)),
        }
    }
}

/// A version or subscription: what it says takes the place of what was said, but properties are added.
fn within(own: &mut Value, entry: Value) {
    if entry.get("payload").is_some()
        && own.get("payload").is_some()
        && entry["payload"].get("type").is_none()
    {
        join(own, entry);
        return;
    }
    let (Value::Object(own), Value::Object(entry)) = (own, entry) else { panic!("mappings") };
    if entry.contains_key("payload") {
        // Those of what it was before.
        own.remove("examples");
    }
    own.extend(entry);
}

/// What the compiler says, where it refuses the catalog.
fn refusal(files: &Files, block: &Block) -> Option<String> {
    let texts = files.iter().map(|(path, value)| (path.clone(), value.to_string()));
    let compilation = compile_files(texts);
    let found: Vec<String> = compilation
        .errors()
        .map(|error| render(error, &compilation.sources, &Style::default()))
        .collect();
    (!found.is_empty())
        .then(|| format!("{}:{}\n{}\n{}", block.page, block.line, block.text, found.join("\n")))
}
