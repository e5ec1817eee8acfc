//! Words about an event without the personal values of its payload.

use serde_json::Value;

use super::PersonalField;
use super::place::visit;
use super::redact::REDACTED;

/// Shorter values are taken for one only where they stand as a word: `de` is no part of `order`.
const LONG: usize = 4;

/// The personal values of one event: kept out of errors and panics of its handler, which may quote them.
pub(crate) struct Screen {
    /// The longest first: one may be a part of another.
    values: Vec<String>,
}

impl Screen {
    /// For an event with this payload; one that is not JSON has no values.
    pub(crate) fn of(fields: &[PersonalField], data: &str) -> Self {
        let mut values = Vec::new();
        if !fields.is_empty()
            && let Ok(mut payload) = serde_json::from_str::<Value>(data)
        {
            for field in fields {
                visit(&mut payload, field.pointer, &mut |value, _| {
                    if let Value::Object(members) = value
                        && field.names
                    {
                        members.keys().for_each(|name| push(name, &mut values));
                    }
                    collect(value, &mut values);
                    true
                });
            }
        }
        values.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        values.dedup();
        Self { values }
    }

    /// The words with `<redacted>` for each value.
    pub(crate) fn words(&self, mut words: String) -> String {
        for value in &self.values {
            if words.contains(value.as_str()) {
                words = replaced(&words, value);
            }
        }
        words
    }

    /// The same with each of several texts.
    pub(crate) fn all(&self, words: impl IntoIterator<Item = String>) -> Vec<String> {
        words.into_iter().map(|words| self.words(words)).collect()
    }
}

fn collect(value: &Value, values: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => values.push(number.to_string()),
        Value::String(text) => push(text, values),
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        Value::Object(members) => members.values().for_each(|member| collect(member, values)),
    }
}

fn push(text: &str, values: &mut Vec<String>) {
    let text = text.trim();
    if !text.is_empty() {
        // As it is quoted by `Debug`, and by JSON.
        for quoted in [format!("{text:?}"), Value::from(text).to_string()] {
            let inner = &quoted[1..quoted.len() - 1];
            if inner != text {
                values.push(inner.to_owned());
            }
        }
        values.push(text.to_owned());
    }
}

fn replaced(words: &str, value: &str) -> String {
    let is_short = value.chars().count() < LONG || value.bytes().all(|byte| byte.is_ascii_digit());
    let mut out = String::with_capacity(words.len());
    let mut end = 0;
    for (at, found) in words.match_indices(value) {
        let before = words[..at].chars().next_back();
        let after = words[at + found.len()..].chars().next();
        let is_part = [before, after].iter().flatten().any(|c| c.is_alphanumeric());
        if is_short && is_part {
            continue;
        }
        out.push_str(&words[end..at]);
        out.push_str(REDACTED);
        end = at + found.len();
    }
    out.push_str(&words[end..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PersonalKind;

    #[test]
    fn values_are_found_in_words_however_they_are_quoted() {
        let fields = ["/email", "/name", "/address", "/age"]
            .map(|at| PersonalField::new(at, PersonalKind::Direct));
        let data = r#"{"email":"ann@example.com","name":"Ann \"The\" Example","age":42,
            "address":{"lines":["Hauptstraße 1"],"country":"DE"},"order":"o-1"}"#;
        let screen = Screen::of(&fields, data);
        for (words, expected) in [
            ("no mail to ann@example.com: refused", "no mail to <redacted>: refused"),
            (r#"Err("Ann \"The\" Example")"#, r#"Err("<redacted>")"#),
            ("Ann \"The\" Example, Hauptstraße 1, DE", "<redacted>, <redacted>, <redacted>"),
            ("order o-1 of DEPOT at column 142", "order o-1 of DEPOT at column 142"),
            ("age 42", "age <redacted>"),
        ] {
            assert_eq!(screen.words(words.to_owned()), expected);
        }
        let fields = [
            PersonalField::new("/by_name", PersonalKind::Direct).with_names(),
            PersonalField::new("/card", PersonalKind::Direct),
        ];
        let data = r#"{"by_name":{"Ann \"The\" Example":7},"card":{"number":"4711 0815"}}"#;
        let words = r#"no visit of "Ann \"The\" Example" with number 4711 0815"#;
        let screened = Screen::of(&fields, data).words(words.to_owned());
        assert_eq!(screened, r#"no visit of "<redacted>" with number <redacted>"#);
        assert_eq!(Screen::of(&fields, "no JSON").words("ann".to_owned()), "ann");
    }
}
