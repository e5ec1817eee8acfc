//! JSON that people can compare: what fits on a line stands on one.

use serde_json::Value;

const LINE: usize = 120;

/// The value, whose later lines begin with `indent` spaces.
pub(super) fn pretty(value: &Value, indent: usize) -> String {
    let short = value.to_string();
    if indent + short.len() <= LINE {
        return short;
    }
    let inner = " ".repeat(indent + 2);
    let (open, lines, close): (_, Vec<String>, _) = match value {
        Value::Object(entries) => {
            let entry = |(name, value): (&String, &Value)| {
                format!("{inner}{}: {}", Value::from(name.as_str()), pretty(value, indent + 2))
            };
            ('{', entries.iter().map(entry).collect(), '}')
        }
        Value::Array(items) => {
            let item = |value: &Value| format!("{inner}{}", pretty(value, indent + 2));
            ('[', items.iter().map(item).collect(), ']')
        }
        _ => return short,
    };
    format!("{open}\n{}\n{}{close}", lines.join(",\n"), " ".repeat(indent))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::pretty;

    #[test]
    fn what_is_long_is_broken_and_stays_the_same() {
        let value = json!({ "a": [1, { "b": "c" }], "long": vec!["0123456789"; 20], "none": {} });
        let text = pretty(&value, 0);
        assert_eq!(text.lines().nth(1), Some("  \"a\": [1,{\"b\":\"c\"}],"));
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
    }
}
