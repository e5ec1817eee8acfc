//! Constraints that types do not carry, as generated code checks them.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tidings::{Event, Invalid, Service};
use tidings_tests::golden::constraints::lab::{SampleLost, SampleTaken};
use tidings_tests::golden::constraints::{CATALOG, bench, field};

/// The example, with other values at some places.
fn changed(changes: &[(&str, Value)]) -> SampleTaken {
    let mut payload = example();
    for (pointer, value) in changes {
        let place = payload.pointer_mut(pointer);
        *place.unwrap_or_else(|| panic!("the example has nothing at `{pointer}`")) = value.clone();
    }
    serde_json::from_value(payload).unwrap_or_else(|error| panic!("{changes:?}: {error}"))
}

fn example() -> Value {
    serde_json::from_str(SampleTaken::SPEC.examples[0]).expect("JSON")
}

/// Where what breaks which keyword.
fn broken(event: &impl Event) -> Vec<(String, &'static str)> {
    let invalid = event.validate().err();
    let violations = invalid.iter().flat_map(Invalid::violations);
    violations.map(|one| (one.pointer.clone(), one.keyword)).collect()
}

#[test]
fn what_keeps_its_schema_is_valid() {
    assert_eq!(changed(&[]).validate(), Ok(()));
    for (pointer, value) in [
        ("/count", json!(1)),
        ("/count", json!(100)),
        ("/offset", json!(5)),
        ("/offset", Value::Null),
        ("/ratio", json!(-0.0)),
        ("/ratio", json!(1)),
        ("/note", Value::Null),
        ("/note", json!("日本語😀")),
        ("/large", json!(u64::MAX)),
        ("/grid", json!([])),
        ("/gaps", json!([])),
        ("/readings", json!([])),
        ("/limits", json!({})),
        ("/tree", json!({ "weight": 9 })),
        ("/result", json!({ "kind": "lost", "where": "anything goes here" })),
    ] {
        assert_eq!(broken(&changed(&[(pointer, value.clone())])), [], "{value} at {pointer}");
    }
}

#[test]
fn each_constraint_is_checked_at_its_place() {
    for (pointer, value, at, keyword) in [
        ("/code", json!("ab-1"), "/code", "pattern"),
        ("/code", json!("AB-123456"), "/code", "maxLength"),
        ("/count", json!(0), "/count", "minimum"),
        ("/count", json!(101), "/count", "maximum"),
        ("/offset", json!(-6), "/offset", "minimum"),
        ("/large", json!(9_007_199_254_740_992_u64), "/large", "minimum"),
        ("/ratio", json!(1.000_000_1), "/ratio", "maximum"),
        ("/note", json!("ä"), "/note", "minLength"),
        ("/note", json!("日本語日本"), "/note", "maxLength"),
        ("/mail", json!("ada"), "/mail", "format"),
        ("/tags", json!([]), "/tags", "minItems"),
        ("/tags", json!(["a", "b", "c", "d"]), "/tags", "maxItems"),
        ("/tags", json!(["a", "b", "a"]), "/tags", "uniqueItems"),
        ("/tags", json!(["a", "B"]), "/tags/1", "pattern"),
        ("/readings/1", json!({ "value": 1.5 }), "/readings/1/value", "maximum"),
        ("/grid", json!([[1], []]), "/grid/1", "minItems"),
        ("/grid", json!([[1], [2, 10]]), "/grid/1/1", "maximum"),
        ("/gaps", json!([null, 2]), "/gaps/1", "maximum"),
        ("/limits", json!({ "a/b": -1 }), "/limits/a~1b", "minimum"),
        ("/people", json!({ "grace": [] }), "/people/*", "minItems"),
        ("/place/country", json!("de"), "/place/country", "pattern"),
        ("/former/floor", json!(81), "/former/floor", "maximum"),
        ("/tree/others/0/right/weight", json!(10), "/tree/others/0/right/weight", "maximum"),
        ("/level", json!(0), "/level", "minimum"),
        ("/result", json!({ "kind": "good", "at": "", "score": 1 }), "/result/at", "minLength"),
        (
            "/result",
            json!({ "kind": "bad", "reason": "far too long" }),
            "/result/reason",
            "maxLength",
        ),
    ] {
        let event = changed(&[(pointer, value.clone())]);
        assert_eq!(broken(&event), [(at.to_owned(), keyword)], "{value} at {pointer}");
    }
}

#[test]
fn every_violation_is_told_and_no_personal_value() {
    let event = changed(&[
        ("/count", json!(0)),
        ("/mail", json!("grace")),
        ("/people", json!({ "hopper": [] })),
        ("/at/country", json!("Germany")),
        ("/former/country", json!("France")),
    ]);
    let invalid = event.validate().expect_err("it is broken");
    assert_eq!(invalid.violations().len(), 5);
    let words = invalid.to_string();
    for hidden in ["grace", "hopper", "Germany"] {
        assert!(!words.contains(hidden), "{words}");
    }
    assert!(words.contains("`/former/country`: found \"France\""), "{words}");
    assert!(words.contains("`/at/country`: found personal data (not shown)"), "{words}");
}

#[test]
fn a_number_that_json_cannot_write_is_refused() {
    let mut event = changed(&[]);
    event.any_number = Some(f64::NAN);
    event.ratio = f64::INFINITY;
    event.readings[0].value = f64::NEG_INFINITY;
    assert_eq!(
        broken(&event),
        [("/ratio", "type"), ("/any_number", "type"), ("/readings/0/value", "type")]
            .map(|(pointer, keyword)| (pointer.to_owned(), keyword))
    );
}

#[test]
fn what_has_no_constraints_is_not_checked() {
    let generated = include_str!("../../codegen/tests/golden/constraints/expected.rs");
    let checked: Vec<&str> = generated
        .lines()
        .filter_map(|line| line.trim().strip_prefix("impl ::tidings::__private::Constrained for "))
        .map(|name| name.trim_end_matches(" {"))
        .collect();
    let expected = [
        "Code",
        "Place",
        "SampleTaken",
        "SampleTakenResult",
        "SampleTakenReading",
        "SampleTakenNode",
    ];
    assert_eq!(checked, expected);
    let lost: SampleLost = serde_json::from_str(SampleLost::SPEC.examples[0]).expect("it fits");
    assert_eq!(lost.validate(), Ok(()));
}

#[test]
fn the_catalog_says_who_checks() {
    assert!(bench::Service::SPEC.validate, "by default");
    assert!(!field::Service::SPEC.validate, "its own word");
    let checked: Vec<_> =
        CATALOG.subscriptions.iter().map(|one| (one.name, one.validate)).collect();
    assert_eq!(checked, [("bin", false), ("shelf", true)], "its own word, and the default");
}

/// Only a part of the payload.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(SampleTaken)]
struct Counted {
    count: u64,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[test]
fn a_type_of_ones_own_is_measured_by_the_catalogs() {
    let mut own: Counted = serde_json::from_value(example()).expect("it fits");
    assert_eq!(own.validate(), Ok(()));
    own.count = 0;
    own.rest["tags"] = json!(["a", "a"]);
    assert_eq!(
        broken(&own),
        [("/count".to_owned(), "minimum"), ("/tags".to_owned(), "uniqueItems")]
    );
    own.rest.remove("place");
    assert_eq!(broken(&own), [(String::new(), "type")], "the catalog's type does not read it");
}

/// Payloads that are changed at random places get the verdict of another implementation of JSON Schema.
#[test]
fn verdicts_are_those_of_json_schema() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/golden/constraints/catalog");
    let compiled = tidings_codegen::compile(&folder).expect("a readable catalog");
    let version = compiled.catalog.events["lab.sample.taken"].newest();
    let schema = tidings_codegen::emit::json_schema::payload(&compiled.catalog, version);
    let options = jsonschema::options().should_validate_formats(true);
    let reference = options.build(&schema).expect("a schema");
    let pool = [
        json!(0),
        json!(1),
        json!(-1),
        json!(9),
        json!(10),
        json!(100),
        json!(101),
        json!(0.5),
        json!(-1.5),
        json!(1.0),
        json!(9_007_199_254_740_993_u64),
        json!(""),
        json!("a"),
        json!("B"),
        json!("äö"),
        json!("日本語😀"),
        json!("AB-1"),
        json!("AB-1234567"),
        json!("DE"),
        json!("ada@example.com"),
        json!("ada"),
        json!(null),
        json!([]),
        json!([0]),
        json!([1, 1]),
        json!(["a", "a"]),
        json!(["a", "b", "c", "d"]),
        json!({}),
        json!({ "a": -1 }),
        json!({ "kind": "bad", "reason": "0123456789a" }),
        json!({ "kind": "lost" }),
    ];
    let mut random = fastrand::Rng::with_seed(7);
    let (mut valid, mut invalid) = (0, 0);
    for _ in 0..20_000 {
        let mut payload = example();
        for _ in 0..random.usize(1..4) {
            let places = places(&payload);
            let place = &places[random.usize(1..places.len())];
            let value = pool[random.usize(..pool.len())].clone();
            *payload.pointer_mut(place).expect("a place of the payload") = value;
        }
        // What the type does not read is refused by serde.
        let Ok(event) = serde_json::from_value::<SampleTaken>(payload) else { continue };
        let written = serde_json::to_value(&event).expect("JSON");
        let verdict = event.validate();
        assert_eq!(verdict.is_ok(), reference.is_valid(&written), "{verdict:?} of {written:#}");
        *if verdict.is_ok() { &mut valid } else { &mut invalid } += 1;
    }
    assert!(valid > 500 && invalid > 500, "{valid} valid and {invalid} invalid payloads");
}

/// Pointers to a value and to all in it.
fn places(value: &Value) -> Vec<String> {
    fn collect(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    collect(item, &format!("{at}/{index}"), found);
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries {
                    collect(value, &format!("{at}/{key}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(value, "", &mut found);
    found
}
