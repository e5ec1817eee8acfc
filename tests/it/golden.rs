//! The golden outputs of the code generator are compiled as modules of this package, and their types read and write what
//! the schemas describe.

use std::path::Path;

use serde_json::{Value, json};
use tidings::Event;
use tidings_tests::golden::{composition, schemas, shapes, unions};

#[test]
fn every_golden_output_is_compiled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/golden");
    let mut cases: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    cases.sort();
    assert_eq!(tidings_tests::golden::CASES, cases, "list the case in tests/src/lib.rs");
}

#[test]
fn examples_are_read_and_written_without_loss() {
    round_trip::<composition::products::ProductChanged>();
    round_trip::<shapes::products::ProductChanged>();
    round_trip::<schemas::products::ProductChanged>();
    round_trip::<unions::products::ProductChanged>();
}

fn round_trip<E: Event + PartialEq + std::fmt::Debug>() {
    assert!(!E::SPEC.examples.is_empty(), "{} has examples", E::SPEC.event_type);
    for example in E::SPEC.examples {
        let read: E =
            serde_json::from_str(example).unwrap_or_else(|error| panic!("{error}: {example}"));
        let written = serde_json::to_value(&read).expect("an event can be written");
        let example: Value = serde_json::from_str(example).expect("an example is JSON");
        assert_holds(&written, &example, "");
        assert_eq!(serde_json::from_value::<E>(written).expect("what was written is read"), read);
    }
}

/// Defaults may have been added; only `null` may have been left out.
fn assert_holds(written: &Value, example: &Value, at: &str) {
    match (written, example) {
        (Value::Object(written), Value::Object(example)) => {
            for (name, value) in example.iter().filter(|(_, value)| !value.is_null()) {
                let found = written.get(name).unwrap_or_else(|| panic!("{at}/{name} is lost"));
                assert_holds(found, value, &format!("{at}/{name}"));
            }
        }
        (Value::Array(written), Value::Array(example)) => {
            assert_eq!(written.len(), example.len(), "{at}");
            for (index, (written, example)) in written.iter().zip(example).enumerate() {
                assert_holds(written, example, &format!("{at}/{index}"));
            }
        }
        (Value::Number(one), Value::Number(other)) => {
            assert_eq!(one.as_f64(), other.as_f64(), "{at}");
        }
        _ => assert_eq!(written, example, "{at}"),
    }
}

/// The first example of an event with other values in some places.
fn changed<E: Event>(changes: Value) -> Result<E, String> {
    let mut payload: Value = serde_json::from_str(E::SPEC.examples[0]).expect("an example is JSON");
    let (Value::Object(fields), Value::Object(changes)) = (&mut payload, changes) else {
        panic!("payloads are objects")
    };
    for (name, value) in changes {
        match value {
            Value::Null => drop(fields.remove(&name)),
            value => drop(fields.insert(name, value)),
        }
    }
    serde_json::from_value(payload).map_err(|error| error.to_string())
}

#[test]
fn an_alternative_is_found_by_what_it_looks_like() {
    use unions::products::{ProductChanged, ProductChangedMoved, ProductChangedValue};
    let moved =
        |value| changed::<ProductChanged>(json!({ "moved": value })).map(|event| event.moved);
    assert!(matches!(
        moved(json!({ "shelf": "A", "row": 1 })),
        Ok(ProductChangedMoved::ShelfAndRow(_))
    ));
    assert!(matches!(moved(json!({ "shelf": "A" })), Ok(ProductChangedMoved::Shelf(_))));
    assert!(matches!(moved(json!({})), Ok(ProductChangedMoved::Away(_))));
    let value =
        |value| changed::<ProductChanged>(json!({ "value": value })).map(|event| event.value);
    assert_eq!(value(json!(true)), Ok(Some(ProductChangedValue::Boolean(true))));
    assert_eq!(value(json!(2)), Ok(Some(ProductChangedValue::Number(2.0))));
    assert!(value(json!([])).is_err());
}

#[test]
fn a_kind_that_nobody_knows_is_called_by_its_name() {
    let error =
        changed::<unions::products::ProductChanged>(json!({ "payment": { "kind": "cash" } }));
    let expected = "unknown variant `cash`, expected `card` or `transfer`";
    assert_eq!(error.expect_err("no such kind"), expected);
    let error =
        changed::<unions::products::ProductChanged>(json!({ "payment": { "kind": "card" } }));
    let expected = "missing field `number`";
    assert_eq!(error.expect_err("a card has a number"), expected);
}

#[test]
fn absent_properties_have_their_defaults() {
    use shapes::products::{ProductChanged, ProductChangedAddress};
    let event: ProductChanged =
        changed(json!({ "priority": null })).expect("priority has a default");
    assert_eq!(event.priority, 2);
    assert_eq!(event.address, ProductChangedAddress { city: Some("Berlin".to_owned()) });
    assert_eq!(event.since.to_string(), "2026-03-02");
    assert_eq!(event.fixed, ["a".to_owned(), "b".to_owned()]);
    assert_eq!((event.nullable_default.as_deref(), event.null_default), (Some("x"), None));
}

#[test]
fn tuples_and_arrays_have_all_of_their_places() {
    use shapes::products::ProductChanged;
    assert!(changed::<ProductChanged>(json!({ "color": [1, 2] })).is_err());
    assert!(changed::<ProductChanged>(json!({ "place": [1, 2, {}, 4] })).is_err());
    assert!(changed::<ProductChanged>(json!({ "nothing": 0 })).is_err());
}

#[test]
fn other_properties_are_kept_where_the_schema_has_them() {
    let event: shapes::products::ProductChanged =
        changed(json!({ "open": { "name": "n", "more": { "a": [1] } } })).expect("it is open");
    let open = event.open.expect("it is there");
    assert_eq!(open.extra.get("more"), Some(&json!({ "a": [1] })));
}
