//! Errors of serde_json without the values that they quote.

use serde::de::Error as _;

use crate::EventSpec;

/// With these an error begins that has told what it found and goes on with what it expected.
const FOUND: [&str; 4] =
    ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant "];
/// With these an error begins that quotes names of the schema only.
const OF_SCHEMA: [&str; 3] =
    ["missing field `", "duplicate field `", "data did not match any variant"];
/// Kinds of values, as serde names them.
const KINDS: [&str; 10] = [
    "boolean",
    "integer",
    "floating point",
    "number",
    "character",
    "string",
    "byte array",
    "null",
    "sequence",
    "map",
];

/// The error as it is, unless the event has personal data: then it quotes no value any more.
pub(crate) fn without_values(spec: &EventSpec, error: serde_json::Error) -> serde_json::Error {
    if spec.personal.is_empty() { error } else { plain(&error) }
}

/// The error without the values that it quotes. What a type of somebody's own says is left out whole, as it may say
/// anything.
pub(crate) fn plain(error: &serde_json::Error) -> serde_json::Error {
    let said = error.to_string();
    let (line, column) = (error.line(), error.column());
    let place = if line > 0 { format!(" at line {line} column {column}") } else { String::new() };
    if !error.is_data() {
        // It tells of brackets and commas.
        return serde_json::Error::custom(said);
    }
    let said = said.strip_suffix(&place).unwrap_or(&said);
    let words = match FOUND.iter().find(|begin| said.starts_with(**begin)) {
        // Behind the last of these words is the type; a value that has them too stands before.
        Some(begin) => said.rsplit_once(", expected ").map(|(found, expected)| {
            let found = found.strip_prefix(begin).unwrap_or_default();
            let kind = KINDS.iter().find(|kind| found.starts_with(**kind));
            format!("{}{}, expected {expected}", begin.trim_end(), said_of(kind))
        }),
        None => OF_SCHEMA.iter().any(|begin| said.starts_with(begin)).then(|| said.to_owned()),
    };
    let words = words.unwrap_or_else(|| "a value does not fit its type".to_owned());
    serde_json::Error::custom(format!("{words}{place}"))
}

fn said_of(kind: Option<&&str>) -> String {
    kind.map_or_else(|| " a value (not shown)".to_owned(), |kind| format!(" {kind} (not shown)"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::de::DeserializeOwned;

    use super::plain;
    use crate::{Timestamp, Uuid};

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "read and thrown away")]
    struct Person {
        name: String,
        id: Uuid,
        born: Timestamp,
        sex: Sex,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Sex {
        Female,
        Male,
    }

    fn words<T: DeserializeOwned>(json: &str) -> String {
        match serde_json::from_str::<T>(json) {
            Ok(_) => "none".to_owned(),
            Err(error) => plain(&error).to_string(),
        }
    }

    #[test]
    fn errors_tell_what_was_expected_and_no_value() {
        for (words, expected) in [
            (
                words::<BTreeMap<String, u8>>(r#"{"age":"ann, expected u8"}"#),
                "invalid type: string (not shown), expected u8 at line 1 column 25",
            ),
            (
                words::<BTreeMap<String, u8>>(r#"{"age":4711}"#),
                "invalid value: integer (not shown), expected u8 at line 1 column 11",
            ),
            (
                words::<Person>(r#""ann@x""#),
                "invalid type: string (not shown), expected struct Person at line 1 column 7",
            ),
            (words::<Person>("{}"), "missing field `name` at line 1 column 2"),
            (
                words::<Sex>(r#""ann""#),
                "unknown variant a value (not shown), expected `female` or `male` at line 1 column 5",
            ),
            (words::<Uuid>(r#""ann""#), "a value does not fit its type at line 1 column 5"),
            (words::<Timestamp>(r#""ann""#), "a value does not fit its type at line 1 column 5"),
            (words::<Person>(r#"{"name":"ann","#), "EOF while parsing a value at line 1 column 14"),
        ] {
            assert_eq!(words, expected);
        }
    }
}
