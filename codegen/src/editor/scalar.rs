//! Words, numbers, lists and mappings of named things, as JSON Schema.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::syntax::catalog::{BreakerEntry, BreakerSettings, IdempotentEntry, IdempotentSettings};
use crate::syntax::conversion::{LinkEntry, UpcastEntry};
use crate::syntax::flow::{self, ReceiversEntry, StepEntry, StepSettings, ValuesEntry};
use crate::syntax::form::Form;
use crate::syntax::reader::{Entries, Placed, Scalar, Spanned};
use crate::syntax::{EventType, Name, Text};
use crate::yaml::Node;

/// `1.0`, and also `1`: to yaml-language-server, the key `1.0` is the number 1.
const VERSION: &str = r"^[1-9][0-9]*(\.(0|[1-9][0-9]*))?$";

impl<T: Scalar> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::EXPECTED.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = written(&T::FORM);
        if schema.get("pattern").is_some() {
            // What yaml-language-server says about any other value, in the words of the compiler.
            schema.insert("errorMessage".to_owned(), format!("expected {}", T::EXPECTED).into());
        }
        schema
    }
}

fn written(form: &Form) -> Schema {
    match form {
        // YAML takes `2026` for a number, which is a text to the reader all the same.
        Form::Text => json_schema!({ "type": ["string", "number", "boolean"] }),
        Form::Boolean => json_schema!({ "type": "boolean" }),
        Form::Whole { from, to } => {
            json_schema!({ "type": "integer", "minimum": from, "maximum": to })
        }
        Form::Share => json_schema!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Form::Words(words) => json_schema!({ "type": "string", "enum": words }),
        Form::Rule => {
            let codes = crate::all_codes().into_iter().filter(|code| code.configurable);
            let words: Vec<&str> = codes.flat_map(|code| [code.name, code.id]).collect();
            json_schema!({ "type": "string", "enum": words })
        }
        Form::Pattern { pattern, examples: [] } => {
            json_schema!({ "type": "string", "pattern": pattern })
        }
        Form::Pattern { pattern, examples } => {
            json_schema!({ "type": "string", "pattern": pattern, "examples": examples })
        }
        Form::Version => json_schema!({ "type": ["string", "number"], "pattern": VERSION }),
        Form::Or { word, other } => alternative(word, written(other)),
    }
}

/// One pattern instead of two alternatives: an editor then has one thing to say about a mistake.
fn alternative(word: &str, mut other: Schema) -> Schema {
    let pattern =
        other.get("pattern").and_then(Value::as_str).map(|pattern| format!("^{word}$|{pattern}"));
    let Some(pattern) = pattern else {
        return json_schema!({ "anyOf": [{ "const": word }, other] });
    };
    other.insert("pattern".to_owned(), pattern.into());
    if let Some(Value::Array(examples)) = other.get_mut("examples") {
        examples.push(word.into());
    }
    other
}

impl<T: JsonSchema> JsonSchema for Spanned<Vec<T>> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("list of {}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": generator.subschema_for::<T>() })
    }
}

impl<K: Scalar, V: JsonSchema> JsonSchema for Entries<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("mapping to {}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let values = generator.subschema_for::<V>();
        if let Form::Version = K::FORM {
            return json_schema!({
                "type": "object",
                "patternProperties": { VERSION: values },
                "additionalProperties": false,
                "errorMessage": format!("expected {}", K::EXPECTED),
            });
        }
        json_schema!({
            "type": "object",
            "propertyNames": Spanned::<K>::json_schema(generator),
            "additionalProperties": values,
        })
    }
}

impl<T: JsonSchema> JsonSchema for Placed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl JsonSchema for UpcastEntry {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "`upcast`".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let link = generator.subschema_for::<LinkEntry>();
        json_schema!({ "anyOf": [link, { "const": UpcastEntry::NONE }] })
    }
}

impl JsonSchema for BreakerEntry {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "`breaker`".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let settings = generator.subschema_for::<BreakerSettings>();
        json_schema!({ "anyOf": [settings, { "const": BreakerEntry::OFF }] })
    }
}

impl JsonSchema for IdempotentEntry {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "`idempotent`".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let settings = generator.subschema_for::<IdempotentSettings>();
        json_schema!({ "anyOf": [{ "type": "boolean" }, settings] })
    }
}

/// It may hold itself, in `alt`.
impl JsonSchema for StepEntry {
    fn schema_name() -> Cow<'static, str> {
        "step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let event = generator.subschema_for::<Spanned<EventType>>();
        let mut step = generator.subschema_for::<StepSettings>();
        let kinds = flow::KINDS.map(|(kind, _)| json!({ "required": [kind] }));
        step.insert("oneOf".to_owned(), kinds.to_vec().into());
        json_schema!({ "anyOf": [event, step] })
    }
}

impl JsonSchema for ReceiversEntry {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "`to`".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let services = generator.subschema_for::<Spanned<Vec<Spanned<Name>>>>();
        let doing = generator.subschema_for::<Entries<Name, Spanned<Text>>>();
        json_schema!({ "anyOf": [services, doing] })
    }
}

impl JsonSchema for ValuesEntry {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "`with`".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

/// Anything: what only the compiler can judge.
impl JsonSchema for Node {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "any value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json!(true).try_into().unwrap_or_default()
    }
}
