//! JSON as YAML that people go on to edit.

use serde_json::{Map, Value};

/// What fits into a line stands in one.
const WIDTH: usize = 100;

/// The keywords that come first, and those that come last; all others stand between them by name.
const FIRST: [&str; 8] =
    ["$ref", "type", "const", "enum", "format", "minimum", "maximum", "required"];
const LAST: [&str; 5] = ["description", "items", "properties", "additionalProperties", "$defs"];

/// `key: value`, with `indent` before it, and a line break at its end.
pub(super) fn entry(key: &str, value: &Value, indent: usize) -> String {
    let key = scalar(&Value::from(key));
    let pad = " ".repeat(indent);
    if let Some(line) = flow(value).filter(|line| indent + key.len() + line.len() + 2 <= WIDTH)
        && !is_structure(value)
    {
        return format!("{pad}{key}: {line}\n");
    }
    format!("{pad}{key}:\n{}", block(value, indent + 2))
}

/// Whether a value reads better over several lines, however short it is.
fn is_structure(value: &Value) -> bool {
    match value {
        Value::Object(entries) => {
            entries.values().any(|inner| inner.is_object() || is_structure(inner))
        }
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    }
}

fn block(value: &Value, indent: usize) -> String {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            sorted(entries).into_iter().map(|(key, value)| entry(key, value, indent)).collect()
        }
        Value::Array(items) if !items.is_empty() => {
            let pad = " ".repeat(indent);
            let item = |item: &Value| {
                let inner = block(item, indent + 2);
                format!("{pad}- {}", inner.trim_start())
            };
            items.iter().map(item).collect()
        }
        other => format!("{}{}\n", " ".repeat(indent), flow(other).unwrap_or_default()),
    }
}

/// In one line.
fn flow(value: &Value) -> Option<String> {
    match value {
        Value::Object(entries) if entries.is_empty() => Some("{}".to_owned()),
        Value::Object(entries) => {
            let entries: Option<Vec<String>> = sorted(entries)
                .into_iter()
                .map(|(key, value)| {
                    Some(format!("{}: {}", scalar(&Value::from(key.as_str())), flow(value)?))
                })
                .collect();
            Some(format!("{{ {} }}", entries?.join(", ")))
        }
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(flow).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        plain => Some(scalar(plain)),
    }
}

fn sorted(entries: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let rank = |key: &str| {
        let first = FIRST.iter().position(|one| *one == key);
        let last = LAST.iter().position(|one| *one == key);
        first.or(last.map(|at| at + 100)).unwrap_or(50)
    };
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|(key, _)| rank(key));
    sorted
}

/// A string, plain where it cannot be taken for anything else; or a number, a boolean, `null`.
pub(super) fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$');
    let plain = |c: char| c.is_ascii_alphanumeric() || " _-./;()$".contains(c);
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_word = word.contains(&text.to_ascii_lowercase().as_str());
    if begins && text.chars().all(plain) && !text.ends_with(' ') && !is_word {
        return text.clone();
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{entry, scalar};

    #[test]
    fn what_could_be_something_else_is_quoted() {
        for (text, quoted) in [
            ("order_id", false),
            ("The order.", false),
            ("", true),
            ("no", true),
            ("12", true),
            ("a: b", true),
            ("a #b", true),
            ("[a]", true),
            ("a\nb", true),
            ("$ref", false),
        ] {
            assert_eq!(scalar(&json!(text)).starts_with('"'), quoted, "{text:?}");
        }
    }

    #[test]
    fn schemas_read_from_the_top() {
        let schema = json!({
            "properties": { "id": { "type": "string", "description": "The id." } },
            "required": ["id"],
            "type": "object",
        });
        assert_eq!(
            entry("payload", &schema, 2),
            "  payload:\n    type: object\n    required: [id]\n    properties:\n      id: { type: string, description: The id. }\n"
        );
    }
}
