//! Settings as people write them in a catalog.

use serde_json::Value;

/// How a setting's value is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nanoseconds.
    Time,
    Bytes,
    None,
}

/// A value in words: `7d`, `1GiB`, `unlimited`, `[orders.>]`.
pub(super) fn value(value: &Value, unit: Unit) -> String {
    match (value, unit) {
        (Value::Null, _) => "unset".to_owned(),
        (Value::Number(number), Unit::Time | Unit::Bytes) if number.as_i64().unwrap_or(1) <= 0 => {
            "unlimited".to_owned()
        }
        (Value::Number(number), Unit::Time) => time(number.as_u64().unwrap_or_default()),
        (Value::Number(number), Unit::Bytes) => bytes(number.as_u64().unwrap_or_default()),
        (Value::Number(number), Unit::None) if number.as_i64() == Some(-1) => {
            "unlimited".to_owned()
        }
        (Value::String(text), _) => text.clone(),
        (Value::Array(entries), unit) => {
            let entries = entries.iter().map(|entry| self::value(entry, unit));
            format!("[{}]", entries.collect::<Vec<_>>().join(", "))
        }
        (other, _) => other.to_string(),
    }
}

fn time(nanos: u64) -> String {
    const UNITS: [(u64, &str); 6] = [
        (24 * 60 * 60 * 1_000_000_000, "d"),
        (60 * 60 * 1_000_000_000, "h"),
        (60 * 1_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1, "ns"),
    ];
    whole(nanos, &UNITS)
}

fn bytes(bytes: u64) -> String {
    whole(
        bytes,
        &[(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")],
    )
}

/// In the largest unit of which it is a multiple.
fn whole(number: u64, units: &[(u64, &str)]) -> String {
    let fitting = units.iter().find(|(size, _)| number.is_multiple_of(*size));
    fitting.map_or_else(|| number.to_string(), |(size, unit)| format!("{}{unit}", number / size))
}

/// `a`, `a and b`, `a, b and c`, each in backquotes.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_as_a_catalog_writes_them() {
        for (given, unit, words) in [
            (json!(604_800_000_000_000_u64), Unit::Time, "7d"),
            (json!(90_000_000_000_u64), Unit::Time, "90s"),
            (json!(1_500_000_000), Unit::Time, "1500ms"),
            (json!(0), Unit::Time, "unlimited"),
            (json!(1_073_741_824), Unit::Bytes, "1GiB"),
            (json!(1000), Unit::Bytes, "1000B"),
            (json!(-1), Unit::Bytes, "unlimited"),
            (json!(-1), Unit::None, "unlimited"),
            (json!(3), Unit::None, "3"),
            (json!("file"), Unit::None, "file"),
            (json!(["a.>", "b"]), Unit::None, "[a.>, b]"),
            (json!([1_000_000_000]), Unit::Time, "[1s]"),
            (json!(true), Unit::None, "true"),
            (Value::Null, Unit::Time, "unset"),
        ] {
            assert_eq!(value(&given, unit), words, "{given}");
        }
    }

    #[test]
    fn names_are_listed_as_one_says_them() {
        for (names, words) in [
            (&["a"][..], "`a`"),
            (&["a", "b"], "`a` and `b`"),
            (&["a", "b", "c"], "`a`, `b` and `c`"),
        ] {
            assert_eq!(list(names.iter().copied()), words);
        }
    }
}
