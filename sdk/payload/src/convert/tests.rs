use serde_json::{Value, json};

use super::{Change, Step, convert};

fn converted(mut payload: Value, steps: &[Step<'_>]) -> Result<Value, String> {
    convert(&mut payload, steps).map_err(|error| error.to_string())?;
    Ok(payload)
}

fn step<'a>(at: &'a str, change: Change<'a>) -> Step<'a> {
    Step { at, change }
}

#[test]
fn each_change_does_what_it_says() {
    let payload = || json!({ "a": 1, "b": { "c": "open" }, "n": null });
    for (at, change, expected) in [
        ("/a", Change::Move("/z"), json!({ "z": 1, "b": { "c": "open" }, "n": null })),
        ("/b/c", Change::Move("/c"), json!({ "a": 1, "b": {}, "c": "open", "n": null })),
        ("/a", Change::Move("/x/y"), json!({ "x": { "y": 1 }, "b": { "c": "open" }, "n": null })),
        (
            "/a",
            Change::Move("/a/value"),
            json!({ "a": { "value": 1 }, "b": { "c": "open" }, "n": null }),
        ),
        ("/a", Change::Drop, json!({ "b": { "c": "open" }, "n": null })),
        (
            "/b/c",
            Change::Map(&[("open", "\"OPEN\""), ("1", "2")]),
            json!({ "a": 1, "b": { "c": "OPEN" }, "n": null }),
        ),
        (
            "/a",
            Change::Map(&[("1", "true")]),
            json!({ "a": true, "b": { "c": "open" }, "n": null }),
        ),
        ("/a", Change::Set("[7]"), json!({ "a": [7], "b": { "c": "open" }, "n": null })),
        ("/b/d", Change::Set("7"), json!({ "a": 1, "b": { "c": "open", "d": 7 }, "n": null })),
        ("/n/d", Change::Set("7"), json!({ "a": 1, "b": { "c": "open" }, "n": { "d": 7 } })),
        ("/a", Change::Default("7"), payload()),
        ("/n", Change::Default("7"), json!({ "a": 1, "b": { "c": "open" }, "n": 7 })),
        ("/z", Change::Default("7"), json!({ "a": 1, "b": { "c": "open" }, "n": null, "z": 7 })),
    ] {
        assert_eq!(converted(payload(), &[step(at, change)]), Ok(expected), "{at}: {change:?}");
    }
}

#[test]
fn what_is_not_there_is_left_alone() {
    for (at, change) in [
        ("/x", Change::Move("/z")),
        ("/a/x", Change::Move("/z")),
        ("/x/*/y", Change::Move("/x/*/z")),
        ("/x/y", Change::Drop),
        ("/a/*/y", Change::Drop),
        ("/x", Change::Map(&[("1", "2")])),
        ("/a/*", Change::Map(&[("1", "2")])),
        ("/x/*/y", Change::Set("1")),
        ("/x/*/y", Change::Default("1")),
    ] {
        assert_eq!(
            converted(json!({ "a": 1 }), &[step(at, change)]),
            Ok(json!({ "a": 1 })),
            "{at}"
        );
    }
}

#[test]
fn a_star_stands_for_each_item_and_each_value() {
    let payload = json!({
        "lines": [{ "price": 1 }, { "price": 2, "old": 0 }, {}],
        "by_day": { "mon": { "price": 3 }, "tue": { "price": 4 } },
    });
    let steps = [
        step("/lines/*/price", Change::Move("/lines/*/unit/amount")),
        step("/lines/*/old", Change::Drop),
        step("/lines/*/unit/currency", Change::Default("\"EUR\"")),
        step("/by_day/*/price", Change::Map(&[("3", "30")])),
        step("/by_day/*", Change::Map(&[("nothing", "1")])),
    ];
    let expected = json!({
        "lines": [
            { "unit": { "amount": 1, "currency": "EUR" } },
            { "unit": { "amount": 2, "currency": "EUR" } },
            { "unit": { "currency": "EUR" } },
        ],
        "by_day": { "mon": { "price": 30 }, "tue": { "price": 4 } },
    });
    assert_eq!(converted(payload, &steps), Ok(expected));
}

#[test]
fn names_may_have_any_characters() {
    let payload = json!({ "a/b": 1, "c~d": 2 });
    let steps = [step("/a~1b", Change::Move("/c~0d")), step("/~01", Change::Set("3"))];
    assert_eq!(converted(payload, &steps), Ok(json!({ "c~d": 1, "~1": 3 })));
}

#[test]
fn what_cannot_be_done_is_an_error_that_names_the_place() {
    for (at, change, words) in [
        ("/a/b", Change::Set("1"), "`/a/b`: what should hold it is no object"),
        ("/list/*", Change::Move("/first"), "`/list/*`: a move cannot leave its list"),
        ("/a", Change::Set("{"), "`/a`: its value is not JSON"),
        ("/b", Change::Default("{"), "`/b`: its value is not JSON"),
        ("/a", Change::Map(&[("x", "")]), "`/a`: its value is not JSON"),
    ] {
        let error = converted(json!({ "a": 1, "list": [1] }), &[step(at, change)]);
        assert_eq!(error, Err(words.to_owned()), "{change:?}");
    }
}
