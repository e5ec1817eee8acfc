//! Every rule finds what breaks it, and nothing where it is kept.

use serde_json::{Value, json};
use tidings_codegen::codes::{Fixtures, Level};
use tidings_codegen::compat::{Change, Part, RULES, payloads};
use tidings_codegen::fixture;

fn changes(before: &str, after: &str) -> Vec<Change> {
    changes_of(&fixture::schema(before), &fixture::schema(after))
}

fn changes_of(before: &Value, after: &Value) -> Vec<Change> {
    payloads(&Part::Catalog, before, after)
}

fn codes(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().filter_map(|change| change.rule).map(|rule| rule.code.id).collect()
}

#[test]
fn every_rule_about_payloads_finds_its_break_and_nothing_in_its_remedy() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let Fixtures::Payloads { released, failing, passing } = rule.code.fixtures else {
            continue;
        };
        let (id, name) = (rule.code.id, rule.code.name);
        let found = changes(released, failing);
        match found.iter().find(|one| one.rule.is_some_and(|one| one.code.id == id)) {
            Some(found) if found.hurts.or(rule.hurts) == rule.hurts => {}
            Some(found) => wrong.push(format!("{id} {name} hurts {}", found.hurts)),
            None => wrong.push(format!("{id} {name} is not found, but {:?}", codes(&found))),
        }
        let found = changes(released, passing);
        let errors =
            found.iter().filter_map(|one| one.rule).filter(|one| one.code.level == Level::Error);
        if codes(&found).contains(&id) || errors.count() > 0 {
            wrong.push(format!("{id} {name} is kept by {:?}", codes(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_breaks_a_rule_that_was_not_edited() {
    for rule in RULES {
        match rule.code.fixtures {
            Fixtures::Payloads { released, failing, .. } => {
                for schema in [released, failing] {
                    assert_eq!(codes(&changes(schema, schema)), [""; 0], "{schema}");
                }
            }
            Fixtures::Edits { released, .. } => {
                let compilation = fixture::edit(released, "");
                assert!(!compilation.has_errors(), "{:?}", compilation.diagnostics);
                let found = compilation.diagnostics.iter().map(|one| one.code);
                assert!(RULES.iter().all(|rule| !found.clone().any(|code| code == rule.code.id)));
            }
            Fixtures::Catalogs { .. } | Fixtures::Unknown => {}
        }
    }
}

/// Unions within unions, of which any alternative might have become any other.
#[test]
fn a_comparison_that_would_not_end_is_given_up() {
    let tangled = |ty: &str| {
        let alternatives = |seed: usize| {
            let picked = (0..12).map(|step| (seed * 7 + step * 31) % 300);
            let refs = picked.map(|at| {
                let of = format!("#/$defs/t{at}");
                json!({ "properties": { "a": { "$ref": of }, "b": { "$ref": of } } })
            });
            json!({ "anyOf": refs.collect::<Vec<_>>() })
        };
        let leaf = json!({ "type": ty });
        let schema = |at| json!({ "properties": { "x": alternatives(at), "leaf": leaf } });
        let defs = (0..300).map(|at| (format!("t{at}"), schema(at)));
        json!({ "$ref": "#/$defs/t0", "$defs": Value::Object(defs.collect()) })
    };
    let found = changes_of(&tangled("string"), &tangled("integer"));
    assert!(codes(&found).contains(&"T637"), "{:?}", codes(&found));
}

#[test]
fn what_contains_itself_is_compared_to_its_end() {
    let tree = |ty: &str| {
        json!({
            "$ref": "#/$defs/Node",
            "$defs": { "Node": { "type": "object", "properties": {
                "value": { "type": ty },
                "left": { "$ref": "#/$defs/Node" },
                "children": { "type": "array", "items": { "oneOf": [
                    { "$ref": "#/$defs/Node" },
                    { "type": "null" },
                ] } },
            } } },
        })
    };
    assert!(changes_of(&tree("string"), &tree("string")).is_empty());
    let found = changes_of(&tree("string"), &tree("integer"));
    let places: Vec<(&str, &str)> =
        found.iter().map(|one| (one.rule.expect("a rule").code.id, one.at.as_str())).collect();
    assert_eq!(places, [("T606", "/properties/value")]);
}
