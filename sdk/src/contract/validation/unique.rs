//! Items that are there twice.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher, RandomState};

use serde::Serialize;
use serde_json::Value;

/// Lists up to this length are compared item by item.
const SHORT: usize = 16;

/// The places of the first item that is there again, and of that.
///
/// A long list takes time in proportion to its length: only items with one hash are compared.
pub(super) fn first_repeated<T: PartialEq + Serialize>(items: &[T]) -> Option<(usize, usize)> {
    if items.len() <= SHORT {
        return (1..items.len()).find_map(|again| {
            let first = items[..again].iter().position(|item| *item == items[again])?;
            Some((first, again))
        });
    }
    let state = RandomState::new();
    let mut places: HashMap<u64, Vec<usize>> = HashMap::with_capacity(items.len());
    for (again, item) in items.iter().enumerate() {
        // What JSON cannot hold is reported by itself.
        let json = serde_json::to_value(item).unwrap_or_default();
        let mut hasher = state.build_hasher();
        hash(&json, &mut hasher);
        let alike = places.entry(hasher.finish()).or_default();
        if let Some(first) = alike.iter().find(|first| items[**first] == *item) {
            return Some((*first, again));
        }
        alike.push(again);
    }
    None
}

/// Equal values have one hash; 0.0 and -0.0 are equal.
fn hash(value: &Value, hasher: &mut impl Hasher) {
    match value {
        Value::Null => hasher.write_u8(0),
        Value::Bool(truth) => hasher.write_u8(1 + u8::from(*truth)),
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            hasher.write_u64(if number == 0.0 { 0 } else { number.to_bits() });
        }
        Value::String(text) => {
            hasher.write(text.as_bytes());
            hasher.write_u8(0xff);
        }
        Value::Array(items) => {
            hasher.write_usize(items.len());
            items.iter().for_each(|item| hash(item, hasher));
        }
        Value::Object(entries) => {
            hasher.write_usize(entries.len());
            let mut entries: Vec<_> = entries.iter().collect();
            // Another crate may have told serde_json to keep the order in which they came.
            entries.sort_unstable_by_key(|(key, _)| *key);
            for (key, value) in entries {
                hasher.write(key.as_bytes());
                hasher.write_u8(0xff);
                hash(value, hasher);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Short and long: the items, with others before them that are like nothing else.
    fn repeated<T: PartialEq + Serialize>(items: Vec<T>, other: impl Fn(usize) -> T) -> bool {
        let short = first_repeated(&items);
        let mut long: Vec<T> = (0..100).map(other).collect();
        long.extend(items);
        let found = first_repeated(&long);
        assert_eq!(found, short.map(|(first, again)| (first + 100, again + 100)));
        short.is_some()
    }

    #[test]
    fn equal_items_are_found() {
        let float = |place| place as f64 + 1000.0;
        assert!(repeated(vec![0.5, 1.0, 0.5], float));
        assert!(repeated(vec![0.0, -0.0], float), "JSON knows one zero");
        assert!(!repeated(vec![0.1, 0.2], float));
        assert!(!repeated(vec![f64::NAN, f64::NAN], float), "no number is reported by itself");
        let text = |place| format!("other {place}");
        assert!(repeated(vec!["a".to_owned(), "b".to_owned(), "b".to_owned()], text));
        assert!(!repeated(vec!["a".to_owned(), "b".to_owned()], text));
        assert!(!repeated(Vec::new(), text));
        let object = |place| json!({ "place": place });
        assert!(repeated(vec![json!({ "a": 1, "b": [2] }), json!({ "b": [2], "a": 1 })], object));
        assert!(!repeated(
            vec![json!({ "a": 1 }), json!({ "a": 2 }), json!([1]), json!(1)],
            object
        ));
        assert!(!repeated(vec![json!(null), json!(false), json!(true), json!("")], object));
    }

    #[test]
    fn a_long_list_is_not_compared_with_itself() {
        let many: Vec<String> = (0..200_000).map(|place| place.to_string()).collect();
        assert_eq!(first_repeated(&many), None);
    }
}
