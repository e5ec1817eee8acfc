//! Runs typify over lowered schemas and takes its answer apart.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use serde_json::{Map, Value, json};
use typify::{TypeDetails, TypeSpace, TypeSpaceImpl, TypeSpaceSettings};

use super::lower::{self, DEFINITIONS};

/// String formats that have a type in the SDK.
const FORMATS: [(&str, &str); 3] = [
    ("uuid", "::tidings::Uuid"),
    ("date-time", "::tidings::Timestamp"),
    ("date", "::tidings::Date"),
];

/// Types of fields, by their names in the lowered schema.
pub(super) type FieldTypes = BTreeMap<String, TokenStream>;

/// Turns definitions, all of them plain objects, into the types of their fields.
///
/// # Errors
/// typify refused one of them, or gave up with a panic: its words.
pub(super) fn types(
    definitions: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, FieldTypes>, String> {
    // The checks let nothing through that typify is known to choke on; this is for what nobody knows.
    let types = AssertUnwindSafe(|| match Apart::new(definitions) {
        Some(apart) => apart.types(),
        None => run(definitions),
    });
    catch_unwind(types).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(words.unwrap_or("typify panicked").to_owned())
    })
}

thread_local! {
    /// The types of fields by their schemas, which are the same in event after event. Tokens stay on their thread.
    static KNOWN: RefCell<FieldTypes> = RefCell::default();
}

/// Definitions whose fields can be looked at one by one, so that typify is asked once for each schema of a field.
struct Apart<'d>(BTreeMap<&'d str, Vec<Field<'d>>>);

struct Field<'d> {
    name: &'d str,
    schema: &'d Value,
    text: String,
}

impl<'d> Apart<'d> {
    /// None where the type of a field depends on more than its schema: of definitions that hold each other typify puts some in
    /// boxes.
    fn new(definitions: &'d BTreeMap<String, Value>) -> Option<Self> {
        let mut all = BTreeMap::new();
        let mut open = BTreeMap::new();
        for (name, definition) in definitions {
            let fields = fields(definition)?;
            let mut held = BTreeSet::new();
            fields.iter().for_each(|field| references(field.schema, &mut held));
            // Of what is missing, typify tells.
            if !held.iter().all(|name| definitions.contains_key(*name)) {
                return None;
            }
            open.insert(name.as_str(), held);
            all.insert(name.as_str(), fields);
        }
        // What holds nothing that is left is in no ring.
        while !open.is_empty() {
            let left: BTreeSet<&str> = open.keys().copied().collect();
            open.retain(|_, held| !held.is_disjoint(&left));
            if open.len() == left.len() {
                return None;
            }
        }
        Some(Self(all))
    }

    fn types(&self) -> Result<BTreeMap<String, FieldTypes>, String> {
        KNOWN.with_borrow_mut(|known| {
            let all = self.0.values().flatten();
            let new = all.filter(|field| !known.contains_key(&field.text));
            let new = new.map(|field| (field.text.as_str(), field.schema));
            learn(&new.collect(), known)?;
            let mut types = BTreeMap::new();
            for (name, fields) in &self.0 {
                let mut found = FieldTypes::new();
                for Field { name, text, .. } in fields {
                    let ty = known.get(text).ok_or_else(|| format!("`{text}` has no type"))?;
                    found.insert((*name).to_owned(), ty.clone());
                }
                types.insert((*name).to_owned(), found);
            }
            Ok(types)
        })
    }
}

/// The fields of a plain object.
fn fields(definition: &Value) -> Option<Vec<Field<'_>>> {
    if definition["type"] != "object" {
        return None;
    }
    let Some(properties) = definition.get("properties") else {
        return (definition["additionalProperties"] == false).then(Vec::new);
    };
    let properties = properties.as_object()?.iter();
    Some(
        properties.map(|(name, schema)| Field { name, schema, text: schema.to_string() }).collect(),
    )
}

/// The definitions that a schema names.
fn references<'d>(schema: &'d Value, found: &mut BTreeSet<&'d str>) {
    match schema {
        Value::Object(keywords) => {
            let target = keywords.get("$ref").and_then(Value::as_str);
            found.extend(target.and_then(|target| target.strip_prefix(DEFINITIONS)));
            keywords.values().for_each(|inner| references(inner, found));
        }
        Value::Array(all) => all.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

/// Asks typify for the types of fields with these schemas, by their texts.
fn learn(new: &BTreeMap<&str, &Value>, known: &mut FieldTypes) -> Result<(), String> {
    const ALL: &str = "TidingsFields";
    if new.is_empty() {
        return Ok(());
    }
    let mut held = BTreeSet::new();
    new.values().for_each(|schema| references(schema, &mut held));
    // Whatever it is, it is named.
    let named = json!({ "type": "object", "additionalProperties": false });
    let mut definitions: BTreeMap<String, Value> =
        held.into_iter().map(|name| (name.to_owned(), named.clone())).collect();
    let names: Vec<String> = (0..new.len()).map(lower::field).collect();
    let schemas = new.values().map(|schema| (*schema).clone());
    let properties: Map<String, Value> = names.iter().cloned().zip(schemas).collect();
    let all = json!({ "type": "object", "required": names, "properties": properties });
    definitions.insert(ALL.to_owned(), all);
    let mut types = run(&definitions)?.remove(ALL).unwrap_or_default();
    let texts = new.keys().zip(&names);
    known.extend(texts.filter_map(|(text, name)| Some(((*text).to_owned(), types.remove(name)?))));
    Ok(())
}

fn run(definitions: &BTreeMap<String, Value>) -> Result<BTreeMap<String, FieldTypes>, String> {
    let mut settings = TypeSpaceSettings::default();
    settings.with_map_type("::std::collections::BTreeMap".to_owned());
    for (format, path) in FORMATS {
        let schema = json!({ "type": "string", "format": format });
        let schema = serde_json::from_value(schema).map_err(|error| error.to_string())?;
        settings.with_conversion(schema, path, std::iter::once(TypeSpaceImpl::Display));
    }

    let mut space = TypeSpace::new(&settings);
    let mut schemas = Vec::new();
    for (name, schema) in definitions {
        let schema = serde_json::from_value(schema.clone()).map_err(|error| error.to_string())?;
        schemas.push((name.clone(), schema));
    }
    space.add_ref_types(schemas).map_err(|error| error.to_string())?;

    // Of all that typify could write, only the types of fields are asked for.
    let mut types = BTreeMap::new();
    for found in space.iter_types() {
        let TypeDetails::Struct(details) = found.details() else { continue };
        let mut fields = FieldTypes::new();
        for (name, id) in details.properties() {
            let ty = space.get_type(&id).map_err(|error| error.to_string())?;
            fields.insert(name.to_owned(), ty.ident());
        }
        types.insert(found.name(), fields);
    }
    match definitions.keys().find(|name| !types.contains_key(*name)) {
        Some(missing) => Err(format!("`{missing}` is no struct")),
        None => Ok(types),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What fields are, asked for together.
    fn shown(types: BTreeMap<String, FieldTypes>) -> BTreeMap<String, Vec<String>> {
        let shown = |(name, ty): (String, TokenStream)| format!("{name}: {ty}");
        types
            .into_iter()
            .map(|(name, fields)| (name, fields.into_iter().map(shown).collect()))
            .collect()
    }

    #[test]
    fn fields_are_the_same_one_by_one() {
        let reference = |name: &str| json!({ "$ref": format!("{DEFINITIONS}{name}") });
        let object = |fields: &[Value]| {
            let names: Vec<String> = (0..fields.len()).map(lower::field).collect();
            let properties: Map<String, Value> =
                names.iter().cloned().zip(fields.iter().cloned()).collect();
            json!({ "type": "object", "required": names, "properties": properties })
        };
        let array = |items: Value| json!({ "type": "array", "items": items });
        let leaf = json!({ "type": "object", "additionalProperties": false });
        let definitions = BTreeMap::from([
            (
                "TidingsTypeEvent".to_owned(),
                object(&[
                    json!({ "type": "string" }),
                    json!({ "type": "string", "format": "uuid" }),
                    json!({ "type": "integer", "format": "uint64" }),
                    json!({}),
                    json!({ "oneOf": [reference("TidingsType1"), { "type": "null" }] }),
                    json!({ "type": "object", "additionalProperties": reference("TidingsType2") }),
                    json!({ "type": "array", "items": [{ "type": "string" }, reference("TidingsType1")], "minItems": 2, "maxItems": 2 }),
                ]),
            ),
            ("TidingsType1".to_owned(), object(&[array(reference("TidingsType2"))])),
            ("TidingsType2".to_owned(), leaf),
        ]);
        let apart = Apart::new(&definitions).expect("no ring");
        let together = shown(run(&definitions).expect("types"));
        assert_eq!(shown(apart.types().expect("types")), together);
        assert_eq!(shown(apart.types().expect("the same types again")), together);
        assert_eq!(together["TidingsTypeEvent"].len(), 7);
    }

    #[test]
    fn what_holds_itself_is_looked_at_as_a_whole() {
        let object = |to: &str| {
            let to = json!({ "$ref": format!("{DEFINITIONS}{to}") });
            json!({
                "type": "object", "required": ["value"],
                "properties": { "value": { "oneOf": [to, { "type": "null" }] } },
            })
        };
        let definitions = BTreeMap::from([
            ("TidingsType0".to_owned(), object("TidingsType1")),
            ("TidingsType1".to_owned(), object("TidingsType0")),
            ("TidingsTypeEvent".to_owned(), object("TidingsType0")),
        ]);
        assert!(Apart::new(&definitions).is_none());
        let shown = shown(types(&definitions).expect("types"));
        assert!(shown.values().flatten().any(|field| field.contains("Box")), "{shown:?}");
    }

    #[test]
    fn what_typify_cannot_do_is_an_error() {
        for schema in [
            json!({ "$ref": "https://schemas.example/order.json" }),
            json!({ "type": "string", "enum": ["a-b", "a_b"] }),
            json!({ "type": "datetime" }),
        ] {
            let definitions = BTreeMap::from([("Order".to_owned(), schema.clone())]);
            assert!(types(&definitions).is_err_and(|words| !words.is_empty()), "{schema}");
        }
    }
}
