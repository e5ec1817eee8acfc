//! Lists of the reference are whole: what code reads and writes is in them, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::markdown::root;

/// Headers that only the server writes, and one that stays in an outbox.
const NOT_SENT: [&str; 7] = [
    "Nats-Last-Consumer",
    "Nats-Marker-Reason",
    "Nats-Pending-Messages",
    "Nats-Sequence",
    "Nats-Subject",
    "Nats-Time-Stamp",
    "Tidings-Claim-Check-Above",
];

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).expect("a page")
}

/// Sources, up to their tests.
fn sources(folder: &str) -> String {
    let mut all = String::new();
    collect(&root().join(folder), &mut all);
    all
}

fn collect(path: &Path, all: &mut String) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            collect(&entry.expect("an entry").path(), all);
        }
    } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs") {
        let text = fs::read_to_string(path).expect("UTF-8");
        all.push_str(text.split("#[cfg(test)]").next().unwrap_or_default());
    }
}

/// Texts in quotes.
fn literals(sources: &str) -> impl Iterator<Item = &str> {
    sources.lines().flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// Names in backticks.
fn names(page: &str) -> BTreeSet<&str> {
    page.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_variable_is_told() {
    let page = page("configuration.md");
    let told: BTreeSet<&str> = names(&page).into_iter().filter(|name| is_variable(name)).collect();
    let code = ["sdk/src/config", "sdk/src/testing", "cli/src"].map(sources).concat();
    let read: BTreeSet<&str> = literals(&code).filter(|text| is_variable(text)).collect();
    assert!(read.contains("NATS_URL") && read.contains("TIDINGS_KEYS"), "{read:?}");
    assert_eq!(told, read);
}

fn is_variable(text: &str) -> bool {
    let name = ["NATS_", "TIDINGS_"].iter().find_map(|begin| text.strip_prefix(begin));
    name.is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    })
}

#[test]
fn every_setting_of_a_connection_is_told() {
    let page = page("configuration.md");
    let told = names(&page);
    let code = fs::read_to_string(root().join("sdk/src/config/mod.rs")).expect("its text");
    let code: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let settings: Vec<&str> = code
        .split("pub fn ")
        .skip(1)
        .filter(|rest| {
            rest.contains("( mut self")
                || rest.split(')').next().is_some_and(|args| args.contains("mut self"))
        })
        .filter_map(|rest| rest.split('(').next())
        .collect();
    assert!(settings.len() > 15, "{settings:?}");
    for setting in settings {
        assert!(told.contains(setting), "docs/configuration.md does not tell of `{setting}`");
    }
}

#[test]
fn every_attribute_and_header_is_told() {
    let (page, letters) = (page("wire-format.md"), page("dead-letters.md"));
    let (told, of_letters) = (names(&page), names(&letters));
    let code = sources("sdk/src");
    let written: BTreeSet<&str> = literals(&code)
        .filter(|text| {
            let name =
                ["Nats-", "Tidings-", "Content-"].iter().find_map(|begin| text.strip_prefix(begin));
            name.is_some_and(|name| {
                !name.is_empty()
                    && !name.ends_with('-')
                    && name.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
            })
        })
        .filter(|name| !NOT_SENT.contains(name))
        .collect();
    assert!(written.len() > 20, "{written:?}");
    for name in written {
        let short =
            name.strip_prefix("Tidings-Dead-").is_some_and(|short| of_letters.contains(short));
        let named =
            told.contains(name) || told.iter().any(|told| told.starts_with(&format!("{name}:")));
        assert!(short || named, "docs/wire-format.md does not tell of `{name}`");
    }
    let envelope =
        fs::read_to_string(root().join("sdk/src/message/envelope/mod.rs")).expect("its text");
    let (_, list) = envelope.split_once("impl Attributes for Envelope").expect("the list");
    let (list, _) = list.split_once("\n}\n").expect("its end");
    let attributes: Vec<&str> = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix("take"))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(attributes.len() > 15, "{attributes:?}");
    for name in attributes {
        assert!(told.contains(name), "docs/wire-format.md does not tell of `{name}`");
    }
}
