//! What is neither code nor a command: what it is compared with, or why nothing is.

use std::fs;

use serde_json::Value;

use crate::markdown::{Block, blocks, root};

/// What a block is compared with.
#[derive(Clone, Copy)]
pub(crate) enum Held {
    /// Its lines, apart from `…`, stand in this file, which other tests compare with what is really said.
    Within(&'static str),
    /// It is JSON, whose keys are those of this description.
    Json(&'static str),
    /// The features that it asks for are the runtime's.
    Features,
    /// A map of services and domains: what the map of EVENTS.md says about these, all of it.
    Map,
    /// Lines that are not indented begin with paths that exist.
    Paths,
}

/// Blocks that are compared with something.
pub(crate) const HELD: &[(&str, Held)] = &[
    ("ARCHITECTURE.md text 1", Held::Paths),
    ("README.md mermaid 1", Held::Map),
    ("README.md text 1", Held::Within("cli/tests/it/snapshots/it__new__new_unknown_event.snap")),
    ("docs/administration.md json 1", Held::Json("sdk/src/operations/admin/openapi.json")),
    ("docs/code-first.md toml 1", Held::Features),
    (
        "docs/compatibility.md text 1",
        Held::Within("codegen/tests/diagnostics/released-version-edited/shown.snap"),
    ),
];

/// Blocks, or all blocks of a page, that nothing here executes, and why. Tests that are named exist.
pub(crate) const EXEMPT: &[(&str, &str)] = &[
    ("ARCHITECTURE.md text 2", "a drawing of what `crates_use_only_those_below_them` holds"),
    ("docs/catalog.md text 1", "a drawing of a folder"),
    ("docs/code-first.md text 1", "`it_is_told_as_shown` compares it, among the contexts"),
    ("docs/deployment.md yaml 1", "a part of a pod, and no catalog"),
    (
        "docs/getting-started.md",
        "`its_commands_and_edits_lead_to_a_catalog_without_mistakes` follows it as written",
    ),
    ("docs/operating.md", "`an_operator_can_do_as_the_page_says` runs it on a server"),
    (
        "docs/security.md text 1",
        "a server's configuration, as `each_does_its_job_with_its_own_permissions` has it",
    ),
    (
        "docs/security.md text 2",
        "`an_event_of_another_service_is_refused_by_the_key_that_would_allow_it` compares such a message",
    ),
    ("examples/auth-catalog/README.md text 1", "a drawing"),
    ("examples/execution-ddmrp/README.md text 1", "a drawing"),
    ("examples/order-processing/README.md text 1", "a drawing"),
    ("examples/user-profile/README.md text 1", "a drawing"),
];

/// How a table names a block: `docs/outbox.md rust 2`.
pub(crate) fn name(block: &Block) -> String {
    format!("{} {} {}", block.page, block.language, block.number)
}

/// Whether the list has the block, or its whole page.
pub(crate) fn exempt(block: &Block) -> bool {
    let own = name(block);
    EXEMPT.iter().any(|(name, _)| *name == block.page || *name == own)
}

#[test]
fn what_is_shown_is_what_is_said() {
    for block in blocks() {
        let place = format!("{}:{}", block.page, block.line);
        let own = name(&block);
        match HELD.iter().find(|(name, _)| *name == own) {
            Some((_, Held::Within(path))) => within(&block, &place, &read(path)),
            Some((_, Held::Json(path))) => {
                let value: Value = serde_json::from_str(&block.text).expect("JSON");
                keys(&value, &place, &read(path));
            }
            Some((_, Held::Features)) => features(&block, &place),
            Some((_, Held::Map)) => map(&block, &place),
            Some((_, Held::Paths)) => {
                let paths = block.text.lines().filter_map(|line| line.split(' ').next());
                for path in paths.filter(|path| !path.is_empty()) {
                    assert!(root().join(path).exists(), "{place}: there is no `{path}`");
                }
            }
            None => {}
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn within(block: &Block, place: &str, text: &str) {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    for line in block.text.lines().map(str::trim).filter(|line| *line != "…") {
        assert!(lines.contains(&line), "{place}: nobody says `{line}`");
    }
}

fn map(block: &Block, place: &str) {
    let page = read("docs/EVENTS.md");
    let (_, whole) = page.split_once("```mermaid\n").expect("a map");
    let whole = whole.split("```").next().expect("its text");
    let nodes = |line: &str| -> Vec<String> {
        let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let ids = words.filter(|word| word.starts_with("service_") || word.starts_with("domain_"));
        ids.map(str::to_owned).collect()
    };
    let shown: Vec<String> = block.text.lines().flat_map(nodes).collect();
    let of_these = |line: &&str| {
        let nodes = nodes(line);
        nodes.is_empty() || nodes.iter().all(|node| shown.contains(node))
    };
    let expected: Vec<&str> = whole.lines().filter(of_these).collect();
    assert_eq!(block.text.lines().collect::<Vec<_>>(), expected, "{place}");
}

fn keys(value: &Value, place: &str, description: &str) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                assert!(description.contains(&format!("\"{key}\"")), "{place}: what is `{key}`?");
                keys(value, place, description);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, place, description)),
        _ => {}
    }
}

fn features(block: &Block, place: &str) {
    let manifest = read("sdk/Cargo.toml");
    let (_, known) = manifest.split_once("[features]").expect("features");
    let (_, list) = block.text.split_once("features = [").expect("features");
    for feature in list.split(']').next().expect("a list").split(',') {
        let feature = feature.trim().trim_matches('"');
        let known = known.lines().any(|line| line.split(' ').next() == Some(feature));
        assert!(known, "{place}: there is no feature `{feature}`");
    }
}
