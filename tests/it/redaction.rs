//! What generated types show of themselves.

use std::collections::BTreeSet;
use std::fmt::Debug;

use serde_json::Value;
use tidings::Event;
use tidings_tests::golden::personal::people;

/// Neither form of an event's `Debug` tells a personal value of the example that it was made of.
pub(crate) fn hides_personal_data<E: Event + Debug>(event: &E, example: &str) {
    let payload: Value = serde_json::from_str(example).expect("JSON");
    let [mut all, mut shown] = [BTreeSet::new(), BTreeSet::new()];
    texts(&payload, &mut all);
    texts(&E::SPEC.redacted(payload), &mut shown);
    for debug in [format!("{event:?}"), format!("{event:#?}")] {
        assert!(debug.contains("<redacted>") || !shown.contains("<redacted>"), "{debug}");
        for value in all.difference(&shown) {
            assert!(!debug.contains(value.as_str()), "`{value}` is shown: {debug}");
        }
    }
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        Value::String(text) => _ = found.insert(text.clone()),
        Value::Number(number) => _ = found.insert(number.to_string()),
        Value::Null | Value::Bool(_) => {}
    }
}

#[test]
#[allow(deprecated, reason = "an old version hides as much")]
fn every_shape_hides_what_is_personal_and_nothing_else() {
    for example in people::v2::PersonChanged::SPEC.examples {
        let event: people::v2::PersonChanged = serde_json::from_str(example).expect("it fits");
        for debug in [format!("{event:?}"), format!("{event:#?}")] {
            assert!(!debug.contains("secret"), "{debug}");
            assert!(debug.contains("\"p-") && debug.contains("tuple: <redacted>"), "{debug}");
        }
        let shown = people::v2::PersonChanged::SPEC
            .redacted(serde_json::from_str(example).expect("JSON"))
            .to_string();
        assert!(!shown.contains("secret") && shown.contains("p-"), "{shown}");
    }
    let [first, second] = people::v2::PersonChanged::SPEC.examples else { panic!("two examples") };
    let [first, second] = [first, second].map(|example| {
        let event: people::v2::PersonChanged = serde_json::from_str(example).expect("it fits");
        format!("{event:?}")
    });
    for part in [
        "home: Some(PersonChangedHome { city: \"open\", street: <redacted>, extra: <redacted> })",
        "contact: Phone { f: \"open\", number: <redacted> }",
        "family: Some(Relative { name: <redacted>, degree: Some(1), children: [Relative { name: <redacted>",
        "role: Guest(<redacted>)",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    for part in [
        "contact: None",
        "proof: Word(\"open\")",
        "hint: Integer(5)",
        "role: Staff(PersonChangedStaff { role: \"staff\", desk: <redacted> })",
    ] {
        assert!(second.contains(part), "{part}: {second}");
    }
    let old = people::v1::PersonChanged { person_id: "p-1".into(), name: "secret".into() };
    assert_eq!(format!("{old:?}"), "PersonChanged { person_id: \"p-1\", name: <redacted> }");
}
