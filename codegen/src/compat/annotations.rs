//! Words for people, on which nothing depends.

use serde_json::{Map, Value};

const TEXTS: [&str; 5] = ["title", "description", "examples", "$comment", "$schema"];

/// Keywords that hold schemas by names of the author's choice.
const BY_NAME: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];

/// Keywords that hold values.
const VALUES: [&str; 5] = ["const", "enum", "default", "required", "discriminator"];

/// Removes the texts of a schema and of those in it.
pub(super) fn remove(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => keyword_by_keyword(keywords),
        Value::Array(schemas) => schemas.iter_mut().for_each(remove),
        _ => {}
    }
}

fn keyword_by_keyword(keywords: &mut Map<String, Value>) {
    for text in TEXTS {
        keywords.remove(text);
    }
    for (keyword, value) in keywords {
        if BY_NAME.contains(&keyword.as_str()) {
            value.as_object_mut().into_iter().flatten().for_each(|(_, schema)| remove(schema));
        } else if !VALUES.contains(&keyword.as_str()) {
            remove(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn properties_and_values_of_these_names_stay() {
        let mut schema = json!({
            "title": "Order",
            "properties": { "title": { "type": "string", "description": "Its title." } },
            "items": [{ "$comment": "x" }],
            "default": { "title": "none" },
        });
        super::remove(&mut schema);
        let expected = json!({
            "properties": { "title": { "type": "string" } },
            "items": [{}],
            "default": { "title": "none" },
        });
        assert_eq!(schema, expected);
    }
}
