//! Compiles what was imported and mends what the compiler refuses: each time something less is said, so that it ends.

mod place;
mod schema;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tidings_codegen::diagnostic::{Diagnostic, Severity};
use tidings_codegen::emit::rust::{self, State};
use tidings_codegen::naming::pascal;
use tidings_codegen::render::{Style, render};
use tidings_codegen::source::SourceMap;
use tidings_codegen::{Compilation, compile_files, yaml};

use self::place::{Place, Step};
use super::Files;
use super::notes::Notes;
use crate::yaml::{Layout, Mapping, Node, Value, write};

/// Rounds of compiling and mending: what one round mends can hide what the next one finds.
const MAX_ROUNDS: usize = 100;

/// Mends the files until they compile together with those `around` them.
///
/// # Errors
/// What the compiler says where there is nothing to mend: the whole message.
pub(super) fn settle(
    files: &mut Files,
    around: &[(PathBuf, String)],
    notes: &mut Notes,
) -> Result<(), String> {
    for _ in 0..MAX_ROUNDS {
        let compilation = compiled(files, around);
        let mut errors = errors(&compilation, files);
        if errors.is_empty() {
            return Ok(());
        }
        // From the end, so that what is taken out of a list does not move what is mended after it.
        errors.sort_by_key(|error| std::cmp::Reverse(error.span()));
        let mut done = BTreeSet::new();
        let mended = errors
            .iter()
            .filter(|error| mend(error, &compilation.sources, files, &mut done, notes));
        if mended.count() == 0 {
            let shown =
                errors.iter().rev().map(|one| render(one, &compilation.sources, &Style::default()));
            let shown = shown.collect::<Vec<_>>().join("\n\n");
            return Err(format!("what is described here does not fit into a catalog\n\n{shown}"));
        }
    }
    Err("the imported catalog could not be made to compile".to_owned())
}

fn compiled(files: &Files, around: &[(PathBuf, String)]) -> Compilation {
    let own = files.iter().map(|(path, node)| (path.clone(), write(node, Layout::Catalog)));
    let around = around.iter().filter(|(path, _)| !files.contains_key(path)).cloned();
    compile_files(own.chain(around))
}

/// The errors in the files, of reading or, where there are none, of writing Rust.
fn errors(compilation: &Compilation, files: &Files) -> Vec<Diagnostic> {
    let is_ours = |one: &&Diagnostic| {
        one.severity == Severity::Error && files.contains_key(compilation.sources.path(one.span()))
    };
    let read: Vec<Diagnostic> = compilation.diagnostics.iter().filter(is_ours).cloned().collect();
    if !read.is_empty() || compilation.has_errors() {
        return read;
    }
    let written = rust::emit(&compilation.catalog, State::Whole).diagnostics;
    written.iter().filter(is_ours).cloned().collect()
}

/// Mends what an error is about; `false` where nothing could be done.
fn mend(
    error: &Diagnostic,
    sources: &SourceMap,
    files: &mut Files,
    done: &mut BTreeSet<(PathBuf, Vec<Step>)>,
    notes: &mut Notes,
) -> bool {
    let source = sources.file(error.span().file);
    let Ok(root) = yaml::parse(&source.path, &source.text, &mut SourceMap::default()) else {
        return false;
    };
    let place = Place::find(&root, error.span());
    let Some(file) = files.get_mut(&source.path) else { return false };
    // What is gone already may have had further mistakes.
    if !done.insert((source.path.clone(), target(&source.path, &place.steps).to_vec())) {
        return true;
    }
    if is_type(&source.path) {
        return schema::mend(file, &place, false, &error.message, notes);
    }
    let steps: Vec<&str> = place.steps.iter().map(Step::key).collect();
    match steps.as_slice() {
        ["versions", version, "payload", ..] => {
            let payload = inside(file, &["versions", version, "payload"]);
            let place = place.below(3);
            payload
                .is_some_and(|payload| schema::mend(payload, &place, true, &error.message, notes))
        }
        ["versions", version, "examples", _, ..] => {
            let at = place.steps[3].clone();
            let version_node = inside(file, &["versions", version]);
            version_node.is_some_and(|node| drop_example(node, &at, &error.message, notes))
        }
        ["subject"] => fixed_subject(file, &error.message, notes),
        ["event" | "name"] => other_name(file),
        ["subscriptions", _, "events", ..] | ["versions", ..] | [] => false,
        ["subscriptions", name, setting, ..] => inside(file, &["subscriptions", name])
            .is_some_and(|node| left_out(node, setting, &error.message, notes)),
        ["stream", setting, ..] => inside(file, &["stream"])
            .is_some_and(|node| left_out(node, setting, &error.message, notes)),
        [key @ ("key" | "personal_data" | "tenancy" | "dead_letters"), ..] => {
            left_out(file, key, &error.message, notes)
        }
        _ => false,
    }
}

/// What is mended as one: an example as a whole, anything else by itself.
fn target<'s>(path: &Path, steps: &'s [Step]) -> &'s [Step] {
    match steps {
        [versions, _, examples, _, ..]
            if !is_type(path) && versions.key() == "versions" && examples.key() == "examples" =>
        {
            &steps[..4]
        }
        _ => steps,
    }
}

fn is_type(path: &Path) -> bool {
    path.starts_with("types")
}

fn inside<'n>(node: &'n mut Node, keys: &[&str]) -> Option<&'n mut Node> {
    let mut node = node;
    for key in keys {
        node = node.as_map_mut()?.get_mut(key)?;
    }
    Some(node)
}

fn left_out(node: &mut Node, key: &str, message: &str, notes: &mut Notes) -> bool {
    let Some(removed) = node.as_map_mut().and_then(|map| map.remove(key)) else { return false };
    notes.dropped(removed.origin, format!("`{key}`: {message}"));
    node.comments.push(format!("left out: `{key}` ({message})"));
    true
}

fn drop_example(version: &mut Node, at: &Step, message: &str, notes: &mut Notes) -> bool {
    let Step::Item(at) = at else { return false };
    let Some(entries) = version.as_map_mut() else { return false };
    let Some(Value::List(examples)) = entries.get_mut("examples").map(|node| &mut node.value)
    else {
        return false;
    };
    if *at >= examples.len() {
        return false;
    }
    let example = examples.remove(*at);
    let none_left = examples.is_empty();
    if none_left {
        entries.remove("examples");
    }
    notes.dropped(example.origin, format!("an example: {message}"));
    version.comments.push(format!("left out: an example ({message})"));
    true
}

/// Turns the parameters of a subject into words.
fn fixed_subject(file: &mut Node, message: &str, notes: &mut Notes) -> bool {
    let Some(entries) = file.as_map_mut() else { return false };
    let Some(subject) = entries.get("subject").and_then(Node::as_text).map(str::to_owned) else {
        return false;
    };
    let words: Vec<String> = subject
        .split('.')
        .map(|token| match token.strip_prefix('{') {
            Some(name) => super::names::name(name).unwrap_or_else(|| "any".to_owned()),
            None => token.to_owned(),
        })
        .collect();
    let fixed = words.join(".");
    if fixed == subject {
        return false;
    }
    notes.changed(file.origin, format!("the subject `{subject}` became `{fixed}`: {message}"));
    let node = Node::word(&fixed).commented(format!("`{subject}` in the document ({message})"));
    if let Some(entries) = file.as_map_mut() {
        entries.insert("subject", node);
    }
    true
}

/// Names an event by its whole type, where another has its name.
fn other_name(file: &mut Node) -> bool {
    let Some(ty) = file.text("event").map(pascal) else { return false };
    let Some(entries) = file.as_map_mut() else { return false };
    let name = match entries.get("name").and_then(Node::as_text) {
        Some(name) if name == format!("{ty}Event") => return false,
        Some(name) if name == ty => format!("{ty}Event"),
        _ => ty,
    };
    entries.insert("name", Node::word(name));
    entries.sort_as(&["event", "summary", "description", "name"]);
    true
}

/// Removes the types that nothing refers to any more, but those to keep.
pub(super) fn drop_unused_types(files: &mut Files, kept: &BTreeSet<PathBuf>) {
    loop {
        let mut used = BTreeSet::new();
        for (path, node) in files.iter() {
            references(node, &mut |reference| {
                // A type that only refers to itself is used by nobody.
                let target = reference.strip_prefix("../").map(PathBuf::from);
                used.extend(target.filter(|target| target != path));
            });
        }
        let before = files.len();
        files.retain(|path, _| !is_type(path) || used.contains(path) || kept.contains(path));
        if files.len() == before {
            return;
        }
    }
}

fn references(node: &Node, found: &mut dyn FnMut(&str)) {
    match &node.value {
        Value::Map(entries) => {
            let entries: &Mapping = entries;
            for (key, value) in entries.iter() {
                match value.as_text() {
                    Some(reference) if key == "$ref" => found(reference),
                    _ => references(value, found),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
