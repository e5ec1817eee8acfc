//! Generated types are read and written as if they derived serde's traits: the same is accepted, refused with the same words,
//! and written.

mod mutation;
mod twins;

use std::fmt::Write as _;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tidings::Event;
use tidings_tests::golden;

use self::mutation::mutations;
use self::twins::{schemas, shapes, unions};

/// What a type and its twin make of a text.
fn compare<L, T>(json: &str) -> Result<(), String>
where
    L: Serialize + DeserializeOwned,
    T: Serialize + DeserializeOwned,
{
    same(serde_json::from_str::<L>(json), serde_json::from_str::<T>(json))?;
    let (light, twin) =
        (serde_json::from_slice::<L>(json.as_bytes()), serde_json::from_slice(json.as_bytes()));
    same::<L, T>(light, twin)?;
    match serde_json::from_str::<Value>(json) {
        Ok(value) => {
            same(serde_json::from_value::<L>(value.clone()), serde_json::from_value::<T>(value))
        }
        Err(_) => Ok(()),
    }
}

fn same<L: Serialize, T: Serialize>(
    light: serde_json::Result<L>,
    twin: serde_json::Result<T>,
) -> Result<(), String> {
    match (light, twin) {
        (Ok(light), Ok(twin)) => {
            let texts = [serde_json::to_string(&light), serde_json::to_string(&twin)];
            let [light_text, twin_text] = texts.map(|text| text.expect("it can be written"));
            if light_text != twin_text {
                return Err(format!("writes\n  {light_text}\nand not\n  {twin_text}"));
            }
            let values = [serde_json::to_value(&light), serde_json::to_value(&twin)];
            let [light, twin] = values.map(|value| value.expect("it can be a value"));
            if light != twin {
                return Err(format!("is the value\n  {light}\nand not\n  {twin}"));
            }
            Ok(())
        }
        (Err(light), Err(twin)) if are_alike(&light, &twin) => Ok(()),
        (Err(light), Err(twin)) => Err(format!("says\n  {light}\nand not\n  {twin}")),
        (Ok(_), Err(twin)) => Err(format!("accepts what its twin refuses: {twin}")),
        (Err(light), Ok(_)) => Err(format!("refuses what its twin accepts: {light}")),
    }
}

/// The same words; or it says earlier what is wrong, because it need not read the whole first where there are other properties
/// or alternatives.
fn are_alike(light: &serde_json::Error, twin: &serde_json::Error) -> bool {
    let place = |error: &serde_json::Error| (error.line(), error.column());
    let (words, others) = (light.to_string(), twin.to_string());
    let is_same = words == others && light.classify() == twin.classify();
    // What was a value has no places.
    is_same
        || place(light) == (0, 0)
        || place(light) < place(twin)
        || words.contains("expected an object with `")
        || others.contains("any variant of untagged enum ProductChangedPayment")
}

fn hold(results: impl Iterator<Item = (String, Result<(), String>)>) {
    let mut wrong = String::new();
    let mut count = 0;
    for (text, result) in results {
        count += 1;
        if let Err(words) = result {
            let _ = write!(wrong, "{text}\n{words}\n\n");
        }
    }
    assert!(count > 1000, "{count} texts show little");
    assert!(wrong.is_empty(), "{wrong}");
}

fn examples<E: Event>() -> impl Iterator<Item = Value> {
    E::SPEC.examples.iter().map(|example| serde_json::from_str(example).expect("JSON"))
}

/// Every mutation of every example.
fn mutated<E: Event>() -> impl Iterator<Item = String> {
    examples::<E>().flat_map(|example| mutations(&example))
}

/// However it is read.
fn every_way<L, T>(text: String) -> (String, Result<(), String>)
where
    L: Serialize + DeserializeOwned,
    T: Serialize + DeserializeOwned,
{
    let result = compare::<L, T>(&text);
    (text, result)
}

#[test]
fn shapes_are_read_and_written_as_with_derives() {
    use golden::shapes::products::ProductChanged;
    hold(mutated::<ProductChanged>().map(every_way::<ProductChanged, shapes::ProductChanged>));
}

#[test]
fn schemas_are_read_and_written_as_with_derives() {
    use golden::schemas::products::ProductChanged;
    // The catalog's example leaves most of it out.
    let mut whole = examples::<ProductChanged>().next().expect("an example");
    let more = json!({
        "until": "2026-03-02T09:14:07Z",
        "old_price": { "amount_minor": -1, "currency": "USD", "rounding": "up" },
        "category": { "name": "a", "children": [{ "name": "b", "children": [] }] },
        "tags": ["a"],
        "words": ["a", "b"],
        "sizes": [{ "width": 1.5 }, { "width": 2 }],
        "stock": { "a": 1, "b": 2 },
        "shelves": { "a": { "row": "1" }, "b": {} },
        "empty": {},
        "former": [{ "street": "a", "lines": ["b"] }],
        "tree": { "left": { "right": {} } },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    let texts = mutations(&whole).into_iter().chain(mutated::<ProductChanged>());
    hold(texts.map(every_way::<ProductChanged, schemas::ProductChanged>));
}

#[test]
fn unions_are_read_and_written_as_with_derives() {
    use golden::unions::products::ProductChanged;
    // Serde takes a list for an object with a tag; generated types whose alternatives have the tag themselves do not.
    let is_listed =
        |text: &str| [r#""animal":["#, r#""payment":["#].iter().any(|part| text.contains(part));
    let texts = mutated::<ProductChanged>().filter(|text| !is_listed(text));
    hold(texts.map(every_way::<ProductChanged, unions::ProductChanged>));
}

/// Cut off anywhere, and with any of its bytes changed.
fn damaged<E: Event>() -> Vec<String> {
    let mut texts = Vec::new();
    for example in E::SPEC.examples {
        let ends = (0..example.len()).filter(|end| example.is_char_boundary(*end));
        texts.extend(ends.map(|end| example[..end].to_owned()));
        for at in 0..example.len() {
            for byte in *b"\"}\\0" {
                let mut bytes = example.as_bytes().to_vec();
                bytes[at] = byte;
                texts.extend(String::from_utf8(bytes));
            }
        }
    }
    texts
}

#[test]
fn damaged_texts_are_refused_as_with_derives() {
    fn one_way<L, T>(text: String) -> (String, Result<(), String>)
    where
        L: Serialize + DeserializeOwned,
        T: Serialize + DeserializeOwned,
    {
        let result = same::<L, T>(serde_json::from_str(&text), serde_json::from_str(&text));
        (text, result)
    }
    type Shapes = golden::shapes::products::ProductChanged;
    type Schemas = golden::schemas::products::ProductChanged;
    type Unions = golden::unions::products::ProductChanged;
    hold(damaged::<Shapes>().into_iter().map(one_way::<Shapes, shapes::ProductChanged>));
    hold(damaged::<Schemas>().into_iter().map(one_way::<Schemas, schemas::ProductChanged>));
    hold(damaged::<Unions>().into_iter().map(one_way::<Unions, unions::ProductChanged>));
}

/// In any place: types that derive serde's traits hold generated ones.
#[test]
fn generated_types_are_parts_of_types_with_derives() {
    #[derive(Debug, PartialEq, serde::Deserialize, serde::Serialize)]
    #[serde(tag = "is")]
    enum Held {
        One {
            #[serde(flatten)]
            address: AddressOfSchemas,
            others: Vec<Option<golden::schemas::types::Money>>,
        },
    }
    type AddressOfSchemas = golden::schemas::products::ProductChangedAddress;
    let json = r#"{"is":"One","street":"Hauptstrasse 12","others":[null,{"amount_minor":3,"currency":"EUR","rounding":"down"}]}"#;
    let held: Held = serde_json::from_str(json).expect("it fits");
    assert_eq!(serde_json::to_string(&held).expect("it can be written"), json);
    let error = serde_json::from_str::<Held>(&json.replace("EUR", "XYZ"));
    let words = error.expect_err("no such currency").to_string();
    assert!(words.starts_with("unknown variant `XYZ`, expected `EUR` or `USD`"), "{words}");
}
