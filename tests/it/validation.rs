//! Constraints that types do not carry, as generated code checks them.

use std::fmt::Debug;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tidings::{Event, Invalid, Service};
use tidings_tests::golden::constraints::lab::{SampleLost, SampleShaped, SampleTaken};
use tidings_tests::golden::constraints::{CATALOG, bench, field};

/// The example, with other values at some places.
fn changed<E: Event>(changes: &[(&str, Value)]) -> E {
    let mut payload = example::<E>();
    for (pointer, value) in changes {
        let place = payload.pointer_mut(pointer);
        *place.unwrap_or_else(|| panic!("the example has nothing at `{pointer}`")) = value.clone();
    }
    serde_json::from_value(payload).unwrap_or_else(|error| panic!("{changes:?}: {error}"))
}

fn example<E: Event>() -> Value {
    serde_json::from_str(E::SPEC.examples[0]).expect("JSON")
}

/// Where what breaks which keyword.
fn broken(event: &impl Event) -> Vec<(String, &'static str)> {
    let invalid = event.validate().err();
    let violations = invalid.iter().flat_map(Invalid::violations);
    violations.map(|one| (one.pointer.clone(), one.keyword)).collect()
}

#[test]
fn what_keeps_its_schema_is_valid() {
    assert_eq!(changed::<SampleTaken>(&[]).validate(), Ok(()));
    assert_eq!(changed::<SampleShaped>(&[]).validate(), Ok(()));
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
        assert_eq!(
            broken(&changed::<SampleTaken>(&[(pointer, value.clone())])),
            [],
            "{value} at {pointer}"
        );
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
        ("/sites/first/floor", json!(81), "/sites/first/floor", "maximum"),
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
        let event = changed::<SampleTaken>(&[(pointer, value.clone())]);
        assert_eq!(broken(&event), [(at.to_owned(), keyword)], "{value} at {pointer}");
    }
}

#[test]
fn each_shape_has_its_constraints() {
    for (pointer, value, at, keyword) in [
        ("/step", json!(0.35), "/step", "multipleOf"),
        ("/step", json!(0), "/step", "exclusiveMinimum"),
        ("/step", json!(5), "/step", "exclusiveMaximum"),
        ("/whole", json!(-7), "/whole", "multipleOf"),
        ("/whole", json!(100), "/whole", "maximum"),
        ("/grade", json!(4), "/grade", "enum"),
        ("/scale", json!(0.6), "/scale", "enum"),
        ("/always", json!(8), "/always", "const"),
        ("/agreed", json!(false), "/agreed", "const"),
        ("/pair", json!(["", 1]), "/pair/0", "minLength"),
        ("/pair", json!(["a", 10]), "/pair/1", "maximum"),
        ("/three", json!([1, 2, 1]), "/three", "uniqueItems"),
        ("/names", json!({ "a": "", "b": "", "c": "" }), "/names", "maxProperties"),
        ("/names", json!({ "A": "" }), "/names/A", "propertyNames"),
        ("/names", json!({ "a": "long" }), "/names/a", "maxLength"),
        ("/some", json!({ "unknown": 1 }), "/some", "minProperties"),
        ("/paid", json!({ "card": "visa" }), "/paid", "dependentRequired"),
        ("/extended", json!({ "id": "x" }), "/extended", "minProperties"),
        ("/extended/left", json!(10), "/extended/left", "maximum"),
        ("/bytes", json!("Zm9v!"), "/bytes", "contentEncoding"),
        ("/host", json!("127.0.0.256"), "/host", "format"),
        ("/both", json!("a"), "/both", "minLength"),
        ("/both", json!("bc"), "/both", "pattern"),
        ("/kinds/0", json!("long"), "/kinds/0", "maxLength"),
        ("/kinds/0", json!(10), "/kinds/0", "maximum"),
        ("/kinds/0", json!({ "deep": "" }), "/kinds/0/deep", "minLength"),
        (
            "/outer",
            json!({ "circle": { "radius": 0 } }),
            "/outer/circle/radius",
            "exclusiveMinimum",
        ),
        ("/outer", json!({ "label": "x" }), "/outer/label", "minLength"),
        ("/version4", json!("019cadd3-8782-7db2-b428-1a2d94af3083"), "/version4", "pattern"),
        ("/counted", json!({ "kind": "some", "at": "x" }), "/counted", "minProperties"),
        ("/counted/z", json!("long"), "/counted/z", "maxLength"),
    ] {
        let event = changed::<SampleShaped>(&[(pointer, value.clone())]);
        assert_eq!(broken(&event), [(at.to_owned(), keyword)], "{value} at {pointer}");
    }
}

#[test]
fn every_violation_is_told_and_no_personal_value() {
    let event = changed::<SampleTaken>(&[
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
    let mut event = changed::<SampleTaken>(&[]);
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
        "SampleShaped",
        "SampleShapedSome",
        "SampleShapedPaid",
        "SampleShapedExtended",
        "SampleShapedKindsItem",
        "SampleShapedKindsItemObject",
        "SampleShapedOuter",
        "SampleShapedOuterCircle",
        "SampleShapedCounted",
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
    let mut own: Counted = serde_json::from_value(example::<SampleTaken>()).expect("it fits");
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
    verdicts_agree::<SampleTaken>();
    verdicts_agree::<SampleShaped>();
}

fn verdicts_agree<E: Event + Debug>() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/golden/constraints/catalog");
    let compiled = tidings_codegen::compile(&folder).expect("a readable catalog");
    let version = compiled.catalog.events[E::SPEC.event_type].newest();
    let schema = tidings_codegen::json_schema::payload(&compiled.catalog, version);
    let options = jsonschema::options().should_validate_formats(true);
    let reference = options.build(&schema).expect("a schema");
    let pool = pool();
    let mut random = fastrand::Rng::with_seed(7);
    let (mut valid, mut invalid) = (0, 0);
    for _ in 0..20_000 {
        let mut payload = example::<E>();
        for _ in 0..random.usize(1..4) {
            let places = places(&payload);
            let place = &places[random.usize(1..places.len())];
            change(&mut payload, place, &pool, &mut random);
        }
        // What the type does not read is refused by serde.
        let Ok(event) = serde_json::from_value::<E>(payload) else { continue };
        let written = serde_json::to_value(&event).expect("JSON");
        let mut verdict = broken(&event);
        // An annotation in JSON Schema, which does not make a payload invalid there.
        verdict.retain(|(_, keyword)| *keyword != "contentEncoding");
        let expected: Vec<String> = reference
            .iter_errors(&written)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert_eq!(
            verdict.is_empty(),
            expected.is_empty(),
            "{verdict:?}, {expected:?}: {event:#?}"
        );
        *if verdict.is_empty() { &mut valid } else { &mut invalid } += 1;
    }
    assert!(valid > 500 && invalid > 500, "{valid} valid and {invalid} invalid payloads");
}

/// Another value, or none, in the place of one.
fn change(payload: &mut Value, place: &str, pool: &[Value], random: &mut fastrand::Rng) {
    let (parent, key) = place.rsplit_once('/').expect("not the whole payload");
    let value = pool[random.usize(..pool.len())].clone();
    match payload.pointer_mut(parent) {
        Some(Value::Object(entries)) if random.u8(..) < 64 => drop(entries.remove(key)),
        Some(Value::Object(entries)) if random.u8(..) < 32 => {
            entries.insert(["c", "Key", "k"][random.usize(..3)].to_owned(), value);
        }
        _ => *payload.pointer_mut(place).expect("a place of the payload") = value,
    }
}

/// Values that keep and break what the schemas demand.
fn pool() -> Vec<Value> {
    let numbers = [
        "0",
        "1",
        "-1",
        "3",
        "9",
        "10",
        "95",
        "100",
        "101",
        "0.5",
        "-1.5",
        "1.0",
        "0.35",
        "4.9",
        "9007199254740993",
    ];
    let numbers = numbers.iter().map(|text| serde_json::from_str(text).expect("a number"));
    let texts = [
        "",
        "a",
        "B",
        "äö",
        "abcd",
        "abcde",
        "日本語😀",
        "AB-1",
        "AB-1234567",
        "DE",
        "ada@example.com",
        "ada",
        "Zm9vYmFy",
        "127.0.0.1",
        "127.0.0.256",
    ];
    let others = [
        json!(null),
        json!(true),
        json!(false),
        json!([]),
        json!([0]),
        json!([1, 1]),
        json!([1, 1, 2]),
        json!(["a", "a"]),
        json!(["a", 10]),
        json!(["a", "b", "c", "d"]),
        json!({}),
        json!({ "a": -1 }),
        json!({ "a": "long enough" }),
        json!({ "A": "x" }),
        json!({ "a": "x", "b": "y", "c": "z" }),
        json!({ "card": "visa" }),
        json!({ "deep": "" }),
        json!({ "label": "x" }),
        json!({ "circle": { "radius": 0 } }),
        json!({ "kind": "bad", "reason": "0123456789a" }),
        json!({ "kind": "lost" }),
    ];
    numbers.chain(texts.iter().map(|text| json!(text))).chain(others).collect()
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
