use serde_json::Value;

use super::bounds::{Side, of_value, order, plain};
use super::types::Types;
use super::view::View;
use super::walk::Walk;
use crate::compat::rules;
use crate::pattern;

/// More values than this are counted instead of named.
const MAX_NAMED: usize = 3;

impl Walk<'_> {
    /// Compares listed values (`enum`, `const`); returns whether that says all there is to say.
    pub(super) fn values(&mut self, before: &View<'_>, after: &View<'_>, at: &str) -> bool {
        let (old, new) = (listed(before), listed(after));
        match (old, new) {
            (None, None) => false,
            _ if !before.types().meets(after.types()) => false,
            (Some(old), Some(new)) => {
                let lost: Vec<&Value> =
                    old.iter().copied().filter(|value| !has(&new, value)).collect();
                let gained: Vec<&Value> =
                    new.iter().copied().filter(|value| !has(&old, value)).collect();
                if !lost.is_empty() {
                    let text = format!("{} not allowed any more", are(&lost));
                    self.breaks(&rules::value_removed::RULE, at, text);
                }
                if !gained.is_empty() {
                    let text = format!("{} allowed", are(&gained));
                    self.breaks(&rules::value_added::RULE, at, text);
                }
                true
            }
            (Some(old), None) => {
                let lost: Vec<&Value> =
                    old.into_iter().filter(|value| !allows(after, value)).collect();
                if !lost.is_empty() {
                    let text = format!("{} not allowed any more", are(&lost));
                    self.breaks(&rules::value_removed::RULE, at, text);
                }
                if !is_covered(after) {
                    let text = format!("any other {} is allowed too", after.types());
                    self.breaks(&rules::values_freed::RULE, at, text);
                }
                true
            }
            (None, Some(new)) => {
                let gained: Vec<&Value> =
                    new.iter().copied().filter(|value| !allows(before, value)).collect();
                if !gained.is_empty() {
                    let text = format!("{} allowed", are(&gained));
                    self.breaks(&rules::value_added::RULE, at, text);
                }
                if !is_covered(before) {
                    let text = format!("only {} allowed any more", are(&new));
                    self.breaks(&rules::values_limited::RULE, at, text);
                }
                true
            }
        }
    }
}

/// The values that are listed and meet all else that is said; none where values are not listed.
fn listed<'a>(view: &View<'a>) -> Option<Vec<&'a Value>> {
    let lists = view.keyword("enum").filter_map(Value::as_array);
    let mut lists: Vec<Vec<&Value>> = lists.map(|list| list.iter().collect()).collect();
    lists.extend(view.keyword("const").map(|value| vec![value]));
    let (first, others) = lists.split_first()?;
    let mut values: Vec<&Value> = Vec::new();
    for value in first {
        if others.iter().all(|list| has(list, value)) && !has(&values, value) && allows(view, value)
        {
            values.push(value);
        }
    }
    Some(values)
}

/// Whether a view has only one or two values anyway, all of which a list would have to name: nothing is freed or limited
/// by it.
fn is_covered(view: &View<'_>) -> bool {
    view.types().is_within(Types::NULL)
}

/// Whether a value is allowed, as far as can be told: of lists and objects only the type is looked at.
fn allows(view: &View<'_>, value: &Value) -> bool {
    if !Types::of_value(value).is_within(view.types()) {
        return false;
    }
    match value {
        Value::Number(number) => {
            let within = |side| of_value(view, side).is_none_or(|bound| bound.allows(number, side));
            within(Side::Lower) && within(Side::Upper)
        }
        Value::String(text) => {
            let length = serde_json::Number::from(text.chars().count());
            let fits = |keyword, side| {
                plain(view, keyword, side).is_none_or(|bound| bound.allows(&length, side))
            };
            let mut patterns = view.keyword("pattern").filter_map(Value::as_str);
            fits("minLength", Side::Lower)
                && fits("maxLength", Side::Upper)
                && patterns.all(|pattern| pattern::matches(pattern, text) != Some(false))
        }
        _ => true,
    }
}

fn has(values: &[&Value], wanted: &Value) -> bool {
    values.iter().any(|value| match (value, wanted) {
        (Value::Number(a), Value::Number(b)) => order(a, b).is_eq(),
        (value, wanted) => **value == *wanted,
    })
}

/// `"a" and "b" are`
fn are(values: &[&Value]) -> String {
    let named: Vec<String> =
        values.iter().take(MAX_NAMED).map(|value| format!("`{value}`")).collect();
    match (named.as_slice(), values.len() - named.len()) {
        ([only], 0) => format!("{only} is"),
        ([first @ .., last], 0) => format!("{} and {last} are", first.join(", ")),
        (_, more) => format!("{} and {more} more are", named.join(", ")),
    }
}
