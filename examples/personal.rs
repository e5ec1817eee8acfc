//! Everything that a sample program writes, with every level of every library's log, says nothing about people.
//!
//! Each example that runs and ends by itself has a test in `tests/personal.rs` that has this file as a module.

use std::collections::BTreeSet;
use std::process::Command;

use event_catalog::CATALOG;
use serde_json::Value;

/// Shorter ones are found in any log, in ids and times.
const LONG: usize = 5;

/// The personal values of the catalog's examples, which the program's data are made of.
fn personal() -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for spec in CATALOG.events {
        for example in spec.examples {
            let payload: Value = serde_json::from_str(example).expect("JSON");
            let shown = spec.redacted(payload.clone());
            hidden(&payload, &shown, &mut values);
        }
    }
    values
}

/// What is in the one and not in the other.
fn hidden(payload: &Value, shown: &Value, values: &mut BTreeSet<String>) {
    match (payload, shown) {
        (Value::Object(members), Value::Object(shown)) => {
            for (name, member) in members {
                hidden(member, &shown[name], values);
            }
        }
        (Value::Array(items), Value::Array(shown)) => {
            items.iter().zip(shown).for_each(|(item, shown)| hidden(item, shown, values));
        }
        (Value::Array(items), _) => {
            items.iter().for_each(|item| hidden(item, shown, values));
        }
        (Value::Object(members), _) => {
            members.values().for_each(|member| hidden(member, shown, values));
        }
        (Value::String(text), shown) if text != shown => _ = values.insert(text.clone()),
        _ => {}
    }
}

/// Whether a value stands in a text as a word.
fn tells(text: &str, value: &str) -> bool {
    text.match_indices(value).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + value.len()..].chars().next();
        [before, after].iter().flatten().all(|c| !c.is_alphanumeric())
    })
}

/// Runs a program to its end, and looks at all that it has written, for people of the catalog's examples and `others` of its
/// own. It has `said` these words, so every level was there.
pub(crate) fn nothing_tells_of_people(program: &mut Command, others: &[&str], said: &[&str]) {
    let mut values = personal();
    for value in ["ada@example.com", "Ada Example", "Hauptstrasse 12", "Frankfurt am Main"] {
        assert!(values.contains(value), "{value} is an example");
    }
    values.extend(others.iter().map(|&other| other.to_owned()));
    let output = program.env("RUST_LOG", "trace").env_remove("NATS_URL").output();
    let output = output.expect("it runs");
    let written =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{}", written[1]);
    let written = written.join("\n");
    for said in said {
        assert!(written.contains(said), "every level is there, and failures too: {said}");
    }
    let told: Vec<&String> =
        values.iter().filter(|value| value.len() >= LONG && tells(&written, value)).collect();
    assert!(told.is_empty(), "{told:?}");
}
