//! Statements as both databases read them, made of what is the same and what is not.

use std::fmt::Write as _;

use crate::Dialect;

/// A statement: texts, `now` for milliseconds since 1970 by the database's clock, `["$1"]` for the [numbers](list) of a
/// parameter, `{"$1"}` for its [names](names).
macro_rules! sql {
    ($database:ident, $($part:tt)+) => {
        $database::choose(
            concat!($($crate::outbox::statements::text::part!(sqlite $part)),+),
            concat!($($crate::outbox::statements::text::part!(postgres $part)),+),
        )
    };
}
pub(super) use sql;

macro_rules! part {
    ($database:ident $text:literal) => {
        $text
    };
    (sqlite now) => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
    (postgres now) => {
        "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
    (sqlite [$parameter:literal]) => {
        concat!("(SELECT value FROM json_each(", $parameter, "))")
    };
    (postgres [$parameter:literal]) => {
        concat!("(SELECT unnest(CAST(", $parameter, " AS BIGINT[])))")
    };
    (sqlite {$parameter:literal}) => {
        concat!("(SELECT value FROM json_each(", $parameter, "))")
    };
    (postgres {$parameter:literal}) => {
        concat!("(SELECT jsonb_array_elements_text(CAST(", $parameter, " AS JSONB)))")
    };
}
pub(super) use part;

/// Numbers as a parameter.
pub(super) fn list<DB: Dialect>(numbers: &[i64]) -> String {
    let (open, close) = DB::choose(('[', ']'), ('{', '}'));
    let mut text = String::with_capacity(2 + 21 * numbers.len());
    text.push(open);
    for (place, number) in numbers.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        // A text takes everything.
        let _ = write!(text, "{comma}{number}");
    }
    text.push(close);
    text
}

/// Names as a parameter.
pub(super) fn names(names: &[&str]) -> String {
    serde_json::Value::from(names).to_string()
}
