//! Schemas of the real world through the whole compiler: nothing panics, every refusal can be acted upon, and most of them
//! have a Rust shape. `cargo xtask tools` fetches them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tidings_codegen::diagnostic::Severity;
use tidings_codegen::emit::rust::State;
use tidings_codegen::render::{Style, render};
use tidings_codegen::{Compilation, compile_files, emit};

/// Far more than a schema of a megabyte takes, also in a busy build.
const LONGEST: Duration = Duration::from_secs(60);

/// What was fetched to test with.
pub(crate) fn corpus(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/corpora").join(path);
    assert!(path.exists(), "{} is missing: run `cargo xtask tools`", path.display());
    path
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a readable file");
    serde_json::from_str(&text).expect("JSON")
}

/// A schema of draft 7 or older in the words of 2020-12, as an import would write it.
///
/// `reference` says what a `$ref` becomes.
fn upgraded(schema: &Value, reference: &dyn Fn(&str) -> String) -> Value {
    let inner = |value: &Value| upgraded(value, reference);
    let all = |value: &Value| match value {
        Value::Object(schemas) => {
            Value::Object(schemas.iter().map(|(name, one)| (name.clone(), inner(one))).collect())
        }
        Value::Array(schemas) => Value::Array(schemas.iter().map(inner).collect()),
        other => inner(other),
    };
    let Value::Object(keywords) = schema else { return schema.clone() };
    let mut written = Map::new();
    for (keyword, value) in keywords {
        match keyword.as_str() {
            "$schema" | "$id" | "id" if value.is_string() => {}
            "$ref" => {
                let target = reference(value.as_str().unwrap_or_default());
                written.insert(keyword.clone(), json!(target));
            }
            "definitions" => drop(written.insert("$defs".to_owned(), all(value))),
            "items" if value.is_array() => {
                written.insert("prefixItems".to_owned(), all(value));
                written.insert("items".to_owned(), json!(false));
            }
            "additionalItems" => {}
            "properties" | "patternProperties" | "$defs" | "dependentSchemas" | "allOf"
            | "anyOf" | "oneOf" => drop(written.insert(keyword.clone(), all(value))),
            "items"
            | "additionalProperties"
            | "propertyNames"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains" => drop(written.insert(keyword.clone(), inner(value))),
            // Words of other tools.
            _ if keyword.starts_with("ts") || keyword.starts_with("markdown") => {}
            _ => drop(written.insert(keyword.clone(), value.clone())),
        }
    }
    Value::Object(written)
}

/// Compiles and emits, and holds every finding to what a finding owes its reader.
fn compiled(files: Vec<(String, String)>) -> Compilation {
    let begun = Instant::now();
    let compilation = compile_files(files);
    let generated = emit::rust::emit(&compilation.catalog, State::Broken);
    assert!(begun.elapsed() < LONGEST, "it took {:?}", begun.elapsed());
    for diagnostic in &compilation.diagnostics {
        let shown = render(diagnostic, &compilation.sources, &Style::default());
        let acts = !diagnostic.help.is_empty() || shown.contains('^');
        assert!(acts && shown.contains("-->") && !diagnostic.code.is_empty(), "{shown}");
    }
    let refused: Vec<String> = generated
        .diagnostics
        .iter()
        .map(|one| render(one, &compilation.sources, &Style::default()))
        .collect();
    assert!(refused.is_empty(), "accepted, and cannot be written:\n{}", refused.join("\n"));
    compilation
}

/// The files with errors other than these, and how often each code was found.
fn refusals(
    compilation: &Compilation,
    without: &[&str],
) -> (BTreeSet<String>, BTreeMap<&'static str, usize>) {
    let (mut files, mut codes) = (BTreeSet::new(), BTreeMap::new());
    let errors = compilation.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    for one in errors.filter(|one| !without.contains(&one.code)) {
        files.insert(compilation.sources.path(one.span()).display().to_string());
        *codes.entry(one.code).or_default() += 1;
        if std::env::var_os("SHOW_REFUSALS").is_some() {
            println!("{}\n", render(one, &compilation.sources, &Style::default()));
        }
    }
    (files, codes)
}

fn base() -> Vec<(String, String)> {
    vec![
        ("catalog.yaml".to_owned(), "catalog: corpus".to_owned()),
        ("domain.yaml".to_owned(), "domain: github".to_owned()),
    ]
}

/// The payloads that GitHub sends to webhooks, with what it really sent.
#[test]
fn payloads_of_github_have_rust_types_that_their_examples_fit() {
    let schema = json(&corpus("octokit-webhooks-7.6.1/schema.json"));
    let sent = json(&corpus("octokit-webhooks-7.6.1/examples.json"));
    let file = |name: &str| format!("{}.yaml", name.replace('$', "-"));
    let reference = |target: &str| {
        target.strip_prefix("#/definitions/").map_or_else(|| target.to_owned(), file)
    };
    let definitions = schema["definitions"].as_object().expect("definitions");
    let mut files = base();
    for (name, definition) in definitions {
        let mut written = upgraded(definition, &reference);
        // What was sent is an example of the payload of its action, or of the only one.
        let (event, action) = match name.split_once('$') {
            Some((event, action)) => (event, Some(action)),
            None => (name.strip_suffix("_event").unwrap_or(""), None),
        };
        let of_event = sent.as_array().into_iter().flatten().filter(|one| one["name"] == event);
        let examples =
            of_event.flat_map(|one| one["examples"].as_array().cloned().unwrap_or_default());
        let fitting: Vec<Value> =
            examples.filter(|one| one.get("action").and_then(Value::as_str) == action).collect();
        if !fitting.is_empty() && written.get("oneOf").is_none() {
            written["examples"] = json!(fitting);
        }
        files.push((format!("types/{}", file(name)), format!("{written:#}")));
    }
    let compilation = compiled(files);
    let (refused, codes) = refusals(&compilation, &["T504", "T505"]);
    let accepted = definitions.len() - refused.len();
    println!("{accepted} of {} schemas are accepted; refusals: {codes:?}", definitions.len());
    assert!(accepted * 100 >= definitions.len() * 95, "{codes:?} in {refused:#?}");
    // Some of what was sent is older than its schema, and lacks what was added to it.
    let examples = compilation.catalog.types.values().map(|one| one.schema.examples.len());
    let (unfit, _) = refusals(&compilation, &[]);
    let unfit = unfit.difference(&refused).count();
    println!("{} examples; those of {unfit} schemas do not fit", examples.sum::<usize>());
    assert!(unfit <= 50, "the examples of {unfit} schemas do not fit");
}

/// Configuration files of many tools: far from what an event is, and a good measure of what authors write.
#[test]
fn schemas_of_many_tools_are_read_or_refused_with_a_reason() {
    let (mut accepted, mut all, mut codes) = (0, 0, BTreeMap::<&str, usize>::new());
    let entries = std::fs::read_dir(corpus("check-jsonschema-0.39.0")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let schema = json(&path);
        let definitions: Vec<(&String, &Value)> = ["$defs", "definitions"]
            .iter()
            .filter_map(|key| schema.get(key)?.as_object())
            .flatten()
            .collect();
        // Each definition in a file of its own, so that a mistake is counted where it is.
        let names: Vec<&String> = definitions.iter().map(|(name, _)| *name).collect();
        let file = |name: &str| format!("{}.yaml", name.replace(['/', ' ', '$', '.'], "-"));
        let reference = |target: &str| {
            let name = target.strip_prefix("#/definitions/").or(target.strip_prefix("#/$defs/"));
            match name {
                Some(name) if names.iter().any(|known| *known == name) => file(name),
                _ if target == "#" => "the-root.yaml".to_owned(),
                _ => target.to_owned(),
            }
        };
        let mut files = base();
        let mut rest = upgraded(&schema, &reference);
        if let Some(rest) = rest.as_object_mut() {
            rest.remove("$defs");
        }
        files.push(("types/the-root.yaml".to_owned(), format!("{rest:#}")));
        for (name, definition) in definitions {
            let written = upgraded(definition, &reference);
            files.push((format!("types/{}", file(name)), format!("{written:#}")));
        }
        let count = files.len() - base().len();
        let begun = Instant::now();
        let compilation = compiled(files);
        let took = begun.elapsed();
        let (refused, found) = refusals(&compilation, &[]);
        for (code, times) in found {
            *codes.entry(code).or_default() += times;
        }
        println!(
            "{}: {} of {count} in {took:?}",
            path.file_stem().unwrap_or_default().display(),
            count - refused.len()
        );
        accepted += count - refused.len();
        all += count;
    }
    println!("{accepted} of {all} schemas are accepted; refusals: {codes:?}");
    assert!(all > 1_000 && accepted * 100 >= all * 70, "{accepted} of {all}: {codes:?}");
}
