//! Collections of schema pairs that others publish, compared with our verdicts.
//!
//! Nothing of them is in this repository: `TIDINGS_SCHEMA_PAIRS` names a file, or several with `:` between. Each is a list
//! of `{ description, original_schema, update_schema, compatible }`, where `compatible` says whether readers of the
//! updated schema can read what was written with the original one.

use std::fs;

use serde_json::Value;
use tidings_codegen::compat::{Part, payloads};

#[test]
#[ignore = "needs TIDINGS_SCHEMA_PAIRS, a published collection of schema pairs"]
fn published_pairs_get_the_expected_verdict() {
    let paths = std::env::var("TIDINGS_SCHEMA_PAIRS").expect("TIDINGS_SCHEMA_PAIRS names files");
    let (mut agreed, mut disagreed) = (0, Vec::new());
    for path in paths.split(':') {
        let text = fs::read_to_string(path).expect("a readable file");
        let pairs: Vec<Value> = serde_json::from_str(&lenient(&text)).expect("a list of pairs");
        for pair in pairs {
            let found = payloads(&Part::Catalog, &pair["original_schema"], &pair["update_schema"]);
            let hurting: Vec<String> = found
                .iter()
                .filter(|change| change.hurts.history)
                .map(|change| {
                    format!(
                        "{} {} {}",
                        change.rule.map_or("", |rule| rule.code.id),
                        change.at,
                        change.text
                    )
                })
                .collect();
            if hurting.is_empty() == pair["compatible"].as_bool().expect("a verdict") {
                agreed += 1;
            } else {
                let (before, after) = (&pair["original_schema"], &pair["update_schema"]);
                let about = &pair["description"];
                disagreed.push(format!("{path}: {about}\n  {before}\n  {after}\n  {hurting:?}"));
            }
        }
    }
    println!("{}\n{agreed} agree, {} do not", disagreed.join("\n"), disagreed.len());
    // docs/compatibility.md says which do not, and why.
    assert!(disagreed.len() * 40 <= agreed, "more than one pair in forty gets another verdict");
}

/// Some of these files have commas at the end of lists.
fn lenient(text: &str) -> String {
    let mut strict = String::with_capacity(text.len());
    let mut is_text = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if is_text => {
                strict.push(character);
                strict.extend(characters.next());
                continue;
            }
            '"' => is_text = !is_text,
            ',' if !is_text => {
                let next =
                    text[text.len() - characters.clone().collect::<String>().len()..].trim_start();
                if next.starts_with([']', '}']) {
                    continue;
                }
            }
            _ => {}
        }
        strict.push(character);
    }
    strict
}
