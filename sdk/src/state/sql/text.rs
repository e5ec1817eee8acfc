//! Statements as both databases read them, made of what is the same and what is not.

use std::fmt::Write as _;

use crate::Dialect;

/// A statement: texts, `now` for milliseconds since 1970 by the database's clock, `skip` for
/// passing over rows that others have locked, `["$1"]` for the [numbers](list) of a
/// parameter, `{"$1"}` for its [names](names),
/// `rows` for the lists of the first parameter, which is JSON: `value ->> 0` is the first of one.
macro_rules! sql {
    ($database:ident, $($part:tt)+) => {
        $database::choose(
            concat!($($crate::state::sql::part!(sqlite $part)),+),
            concat!($($crate::state::sql::part!(postgres $part)),+),
        )
    };
}
pub(crate) use sql;

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
    (sqlite skip) => {
        ""
    };
    (postgres skip) => {
        " FOR UPDATE SKIP LOCKED"
    };
    (sqlite rows) => {
        "json_each($1)"
    };
    (postgres rows) => {
        "jsonb_array_elements(CAST($1 AS JSONB)) AS rows (value)"
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
pub(crate) use part;

/// Numbers as a parameter.
pub(crate) fn list<DB: Dialect>(numbers: &[i64]) -> String {
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
pub(crate) fn names(names: &[&str]) -> String {
    serde_json::Value::from(names).to_string()
}
