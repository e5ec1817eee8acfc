//! Runs typify over lowered schemas and takes its answer apart.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};
use syn::{Item, ItemFn};
use typify::{TypeSpace, TypeSpaceImpl, TypeSpaceSettings};

/// String formats that have a type in the SDK.
const FORMATS: [(&str, &str); 3] = [
    ("uuid", "::tidings::Uuid"),
    ("date-time", "::tidings::Timestamp"),
    ("date", "::tidings::Date"),
];

/// What typify made of a set of definitions.
pub(super) struct Types {
    /// Structs and enums by the name that typify gave them.
    pub(super) items: BTreeMap<String, Item>,
    /// The name that typify gave to each definition.
    pub(super) names: BTreeMap<String, String>,
    /// Functions that serde's `default = "…"` attributes name.
    pub(super) defaults: BTreeMap<String, ItemFn>,
    /// Types that typify gave a `Display`.
    pub(super) displayed: Vec<String>,
}

/// Turns definitions into types.
///
/// # Errors
/// typify refused one of them, or gave up with a panic: its words.
pub(super) fn types(definitions: &BTreeMap<String, Value>) -> Result<Types, String> {
    // The checks let nothing through that typify is known to choke on; this is for what nobody knows.
    catch_unwind(AssertUnwindSafe(|| run(definitions))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(words.unwrap_or("typify panicked").to_owned())
    })
}

fn run(definitions: &BTreeMap<String, Value>) -> Result<Types, String> {
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

    let mut names = BTreeMap::new();
    for name in definitions.keys() {
        let schema = json!({ "$ref": format!("#/definitions/{name}") });
        let schema = serde_json::from_value(schema).map_err(|error| error.to_string())?;
        let id = space.add_type(&schema).map_err(|error| error.to_string())?;
        let found = space.get_type(&id).map_err(|error| error.to_string())?;
        names.insert(name.clone(), found.name());
    }

    let file = syn::parse2(space.to_stream()).map_err(|error| error.to_string())?;
    Ok(sort(file, names))
}

fn sort(file: syn::File, names: BTreeMap<String, String>) -> Types {
    let mut types =
        Types { items: BTreeMap::new(), names, defaults: BTreeMap::new(), displayed: Vec::new() };
    for item in file.items {
        match &item {
            Item::Struct(found) => {
                types.items.insert(found.ident.to_string(), item);
            }
            Item::Enum(found) => {
                types.items.insert(found.ident.to_string(), item);
            }
            Item::Impl(found) => {
                if let Some(name) = displayed(found) {
                    types.displayed.push(name);
                }
            }
            Item::Mod(found) if found.ident == "defaults" => {
                let items = found.content.iter().flat_map(|(_, items)| items);
                types.defaults.extend(items.filter_map(|item| match item {
                    Item::Fn(function) => Some((function.sig.ident.to_string(), function.clone())),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    types
}

/// The type that `impl Display for …` names.
fn displayed(found: &syn::ItemImpl) -> Option<String> {
    let (path, _) = found.trait_.as_ref()?;
    let is_display = path.segments.last().is_some_and(|segment| segment.ident == "Display");
    match &*found.self_ty {
        syn::Type::Path(name) if is_display => name.path.get_ident().map(ToString::to_string),
        _ => None,
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
