//! Values without parts.

use serde_json::Number as Found;
use tidings_payload::is_multiple;

use super::{Mismatch, Run};
use crate::model::{Bound, Integer, Number, Schema, Shape, Text};
use crate::pattern;
use crate::syntax::{closest, list};

impl Run<'_, '_> {
    pub(super) fn boolean(&mut self, found: bool, only: Option<bool>, schema: &Schema, at: &str) {
        if let Some(only) = only.filter(|only| *only != found) {
            self.report(at, format!("{} is `{found}`, not `{only}`", self.name(at)), schema, None);
        }
    }

    pub(super) fn integer(&mut self, found: &Found, integer: &Integer, schema: &Schema, at: &str) {
        let exact = match (found.as_i64(), found.as_u64()) {
            (Some(signed), _) => i128::from(signed),
            (None, Some(unsigned)) if integer.is_unsigned() => i128::from(unsigned),
            _ => return self.wrong(&found.clone().into(), schema, at),
        };
        let Integer { minimum, maximum, multiple_of, values } = integer;
        let limit = match (minimum, maximum, multiple_of) {
            (Some(minimum), _, _) if exact < *minimum => format!("less than {minimum}"),
            (_, Some(maximum), _) if exact > *maximum => format!("more than {maximum}"),
            (_, _, Some(step)) if exact % i128::from(*step) != 0 => {
                format!("no multiple of {step}")
            }
            _ if !values.is_empty() && !values.contains(&exact) => not_listed(values),
            _ => return,
        };
        self.report(at, format!("{} is {found}, {limit}", self.name(at)), schema, None);
    }

    pub(super) fn number(&mut self, found: &Found, number: &Number, schema: &Schema, at: &str) {
        let float = found.as_f64().unwrap_or_default();
        let Number { minimum, maximum, multiple_of, values } = number;
        let limit = match (minimum, maximum, multiple_of) {
            (Some(Bound { value, exclusive: false }), _, _) if float < *value => {
                format!("less than {value}")
            }
            (Some(Bound { value, exclusive: true }), _, _) if float <= *value => {
                format!("not more than {value}")
            }
            (_, Some(Bound { value, exclusive: false }), _) if float > *value => {
                format!("more than {value}")
            }
            (_, Some(Bound { value, exclusive: true }), _) if float >= *value => {
                format!("not less than {value}")
            }
            (_, _, Some(step)) if !is_multiple(float, *step) => format!("no multiple of {step}"),
            _ if !values.is_empty() && !values.contains(&float) => not_listed(values),
            _ => return,
        };
        self.report(at, format!("{} is {found}, {limit}", self.name(at)), schema, None);
    }

    pub(super) fn text(&mut self, found: &str, text: &Text, schema: &Schema, at: &str) {
        if let Some(format) = text.format.as_ref().filter(|format| !format.fits(found)) {
            let message =
                format!("{} is `{found}`, which is no `{}`", self.name(at), format.name());
            self.report(at, message, schema, None);
        }
        if let Some(encoding) = text.encoding.filter(|encoding| !encoding.fits(found)) {
            let message =
                format!("{} is `{found}`, which is no `{}`", self.name(at), encoding.name());
            self.report(at, message, schema, None);
        }
        for pattern in &text.patterns {
            if pattern::matches(pattern, found) == Some(false) {
                let message =
                    format!("{} is `{found}`, which `{pattern}` does not match", self.name(at));
                self.report(at, message, schema, None);
            }
        }
        let limits = (text.min_length, text.max_length);
        self.length(found.chars().count(), limits, "characters", schema, at);
    }

    pub(super) fn word(&mut self, found: &str, values: &[String], schema: &Schema, at: &str) {
        if values.iter().any(|value| value == found) {
            return;
        }
        let help = match closest(found, values.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the values are {}", list(values)),
        };
        let message = format!("{} is `{found}`, which the enum does not have", self.name(at));
        self.report(at, message, schema, Some(help));
    }

    /// Checks the key of a map.
    pub(super) fn key(&mut self, key: &str, keys: &Schema, place: &str) {
        let before = self.found.len();
        match &keys.shape {
            Shape::String(text) => self.text(key, text, keys, place),
            Shape::Enum(values) => self.word(key, values, keys, place),
            _ => {}
        }
        for Mismatch { of_name, message, .. } in &mut self.found[before..] {
            *of_name = true;
            message.insert_str(0, "the name of ");
        }
    }
}

fn not_listed<T: ToString>(values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    format!("which is none of {}", list(&values))
}
