use serde_json::{Map, Value};

/// What a keyword's value holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A schema.
    Schema,
    /// A list of schemas.
    List,
    /// Schemas by name.
    Map,
    /// A schema, or a list of schemas.
    SchemaOrList,
    /// Something else.
    Data,
}

/// What a keyword's value holds, in any draft.
pub(crate) fn holds(keyword: &str) -> Holds {
    match keyword {
        "additionalItems"
        | "additionalProperties"
        | "contains"
        | "contentSchema"
        | "else"
        | "if"
        | "not"
        | "propertyNames"
        | "then"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Holds::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::List,
        "$defs" | "definitions" | "dependentSchemas" | "patternProperties" | "properties" => {
            Holds::Map
        }
        "items" => Holds::SchemaOrList,
        _ => Holds::Data,
    }
}

/// Changes a schema and every schema in it, the inner ones first.
pub(crate) fn change(schema: &mut Value, with: &dyn Fn(&mut Map<String, Value>)) {
    let Value::Object(entries) = schema else { return };
    for (keyword, value) in entries.iter_mut() {
        match (holds(keyword), value) {
            (Holds::Schema | Holds::SchemaOrList, inner @ Value::Object(_)) => change(inner, with),
            (Holds::List | Holds::SchemaOrList, Value::Array(items)) => {
                items.iter_mut().for_each(|item| change(item, with));
            }
            (Holds::Map, Value::Object(named)) => {
                named.iter_mut().for_each(|(_, inner)| change(inner, with));
            }
            _ => {}
        }
    }
    with(entries);
}
