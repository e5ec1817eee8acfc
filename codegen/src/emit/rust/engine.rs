//! Runs typify over lowered schemas and takes its answer apart.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use serde_json::{Value, json};
use typify::{TypeDetails, TypeSpace, TypeSpaceImpl, TypeSpaceSettings};

/// String formats that have a type in the SDK.
const FORMATS: [(&str, &str); 3] = [
    ("uuid", "::tidings::Uuid"),
    ("date-time", "::tidings::Timestamp"),
    ("date", "::tidings::Date"),
];

/// The types of a definition's fields, by their names in the lowered schema.
pub(super) type FieldTypes = BTreeMap<String, TokenStream>;

/// Turns definitions, all of them plain objects, into the types of their fields.
///
/// # Errors
/// typify refused one of them, or gave up with a panic: its words.
pub(super) fn types(
    definitions: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, FieldTypes>, String> {
    // The checks let nothing through that typify is known to choke on; this is for what nobody knows.
    catch_unwind(AssertUnwindSafe(|| run(definitions))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(words.unwrap_or("typify panicked").to_owned())
    })
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
