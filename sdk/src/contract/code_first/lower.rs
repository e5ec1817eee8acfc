//! From what schemars says about a type to what a catalog says about a payload.

use serde_json::{Map, Value, json};

/// The payload of an event whose struct is written and read so.
///
/// A property is required where it is always written and cannot be missed. One that is left out instead of being `null`
/// is never `null` to the catalog.
pub(super) fn payload(written: &Value, read: &Value) -> Value {
    let mut payload = schema(written, read);
    if let Value::Object(payload) = &mut payload {
        payload.remove("title");
        payload.remove("$schema");
    }
    payload
}

fn schema(written: &Value, read: &Value) -> Value {
    let Value::Object(keywords) = written else { return written.clone() };
    if let Some(words) = words(keywords) {
        return words;
    }
    let mut lowered = Map::new();
    for (keyword, value) in keywords {
        let beside = &read[keyword];
        let value = match keyword.as_str() {
            "properties" => properties(keywords, value, read),
            "required" => continue,
            "$defs" => each(value, beside),
            "oneOf" | "anyOf" | "allOf" | "prefixItems" => list(value, beside),
            // A catalog's readers are open, so that a newer minor version can add.
            "additionalProperties" | "unevaluatedProperties" if value == &Value::Bool(false) => {
                continue;
            }
            "items" | "additionalProperties" => schema(value, beside),
            "format" => match format(value, keywords) {
                Format::Kept => value.clone(),
                Format::Range(low, high) => {
                    lowered.entry("minimum").or_insert(json!(low));
                    lowered.entry("maximum").or_insert(json!(high));
                    continue;
                }
                Format::Dropped => continue,
            },
            // The length of a tuple is told by its places.
            "minItems" | "maxItems" if keywords.contains_key("prefixItems") => continue,
            _ => value.clone(),
        };
        lowered.insert(keyword.clone(), value);
    }
    let required = required(keywords, read);
    if !required.is_empty() {
        lowered.insert("required".to_owned(), json!(required));
    }
    if lowered.contains_key("prefixItems") {
        lowered.insert("items".to_owned(), Value::Bool(false));
    }
    Value::Object(lowered)
}

fn required<'a>(written: &'a Map<String, Value>, read: &Value) -> Vec<&'a Value> {
    let demanded = read["required"].as_array();
    let always = written.get("required").and_then(Value::as_array);
    let both = |name: &&Value| demanded.is_some_and(|demanded| demanded.contains(name));
    always.into_iter().flatten().filter(both).collect()
}

fn properties(object: &Map<String, Value>, written: &Value, read: &Value) -> Value {
    let always = object.get("required").and_then(Value::as_array);
    let lowered = written.as_object().into_iter().flatten().map(|(name, property)| {
        let lowered = schema(property, &read["properties"][name]);
        let is_always = always.is_some_and(|always| always.contains(&Value::from(name.as_str())));
        (name.clone(), if is_always { lowered } else { not_null(lowered) })
    });
    Value::Object(lowered.collect())
}

/// The same without `null`.
fn not_null(mut schema: Value) -> Value {
    let null = json!("null");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| *name != null);
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    let Some(Value::Array(alternatives)) = schema.get_mut("anyOf") else { return schema };
    alternatives.retain(|one| one["type"] != null);
    let [Value::Object(only)] = alternatives.as_slice() else { return schema };
    let mut only = only.clone();
    if let Value::Object(outer) = schema {
        only.extend(outer.into_iter().filter(|(keyword, _)| keyword != "anyOf"));
    }
    Value::Object(only)
}

fn each(written: &Value, read: &Value) -> Value {
    let lowered = written.as_object().into_iter().flatten();
    Value::Object(lowered.map(|(name, one)| (name.clone(), schema(one, &read[name]))).collect())
}

fn list(written: &Value, read: &Value) -> Value {
    let lowered = written.as_array().into_iter().flatten().enumerate();
    Value::Array(lowered.map(|(at, one)| schema(one, &read[at])).collect())
}

/// Alternatives that are all words are one `enum`.
fn words(keywords: &Map<String, Value>) -> Option<Value> {
    let alternatives = keywords.get("oneOf")?.as_array()?;
    let mut words = Vec::new();
    for one in alternatives {
        match (&one["const"], &one["enum"]) {
            (word @ Value::String(_), _) => words.push(word.clone()),
            (_, Value::Array(values)) if values.iter().all(Value::is_string) => {
                words.extend(values.clone());
            }
            _ => return None,
        }
    }
    let mut lowered = Map::from_iter([
        ("type".to_owned(), json!("string")),
        ("enum".to_owned(), Value::Array(words)),
    ]);
    lowered.extend(
        keywords.get_key_value("description").map(|(key, value)| (key.clone(), value.clone())),
    );
    Some(Value::Object(lowered))
}

enum Format {
    Kept,
    Range(i64, i64),
    Dropped,
}

/// Formats of numbers are ranges to a catalog, or nothing where they are what it means anyway.
fn format(format: &Value, keywords: &Map<String, Value>) -> Format {
    if keywords.get("type").and_then(Value::as_str) == Some("string")
        || keywords.get("type").is_some_and(Value::is_array)
            && format
                .as_str()
                .is_some_and(|name| name.contains('-') || name == "uuid" || name == "date")
    {
        return Format::Kept;
    }
    match format.as_str() {
        Some("int8") => Format::Range(i8::MIN.into(), i8::MAX.into()),
        Some("int16") => Format::Range(i16::MIN.into(), i16::MAX.into()),
        Some("int32") => Format::Range(i32::MIN.into(), i32::MAX.into()),
        Some("uint8") => Format::Range(0, u8::MAX.into()),
        Some("uint16") => Format::Range(0, u16::MAX.into()),
        Some("uint32") => Format::Range(0, u32::MAX.into()),
        _ => Format::Dropped,
    }
}
