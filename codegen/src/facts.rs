//! What readers want to know of a schema beyond its Rust type.

use std::time::Duration;

use crate::model::{
    Bound, Breaker, Catalog, Format, Payloads, Pii, Retry, Schema, Shape, Subscription, Text,
};

/// What the Rust type does not say: `minimum: 1`, `format: email`, …
pub(crate) fn constraints(schema: &Schema) -> Vec<String> {
    fn say(name: &str, value: Option<impl std::fmt::Display>) -> Option<String> {
        value.map(|value| format!("{name}: {value}"))
    }
    fn values<T: std::fmt::Display>(values: &[T]) -> Option<String> {
        match values {
            [] => None,
            [only] => Some(format!("const: {only}")),
            _ => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                Some(format!("enum: {}", values.join(", ")))
            }
        }
    }
    let facts = match &schema.shape {
        Shape::Boolean { only } => vec![say("const", *only)],
        Shape::Integer(integer) => vec![
            say("minimum", integer.minimum),
            say("maximum", integer.maximum),
            say("multipleOf", integer.multiple_of),
            values(&integer.values),
        ],
        Shape::Number(number) => {
            let bound = |inclusive, exclusive, bound: Option<Bound>| {
                let name = |bound: Bound| if bound.exclusive { exclusive } else { inclusive };
                bound.and_then(|bound| say(name(bound), Some(bound.value)))
            };
            vec![
                bound("minimum", "exclusiveMinimum", number.minimum),
                bound("maximum", "exclusiveMaximum", number.maximum),
                say("multipleOf", number.multiple_of),
                values(&number.values),
            ]
        }
        Shape::String(text) => return of_text(text),
        Shape::Array(array) => vec![
            say("minItems", array.min_items),
            say("maxItems", array.max_items),
            say("uniqueItems", array.unique.then_some(true)),
        ],
        Shape::Object(object) => {
            let dependent = object.dependent_required.iter().map(|(property, others)| {
                Some(format!("with {property} also {}", others.join(", ")))
            });
            let own = [
                say("minProperties", object.min_properties),
                say("maxProperties", object.max_properties),
            ];
            own.into_iter().chain(dependent).collect()
        }
        Shape::Map(map) => {
            let keys = map.keys.iter().flat_map(|keys| match &keys.shape {
                Shape::Enum(names) => vec![format!("enum: {}", names.join(", "))],
                _ => constraints(keys),
            });
            let own = [
                say("minProperties", map.min_properties),
                say("maxProperties", map.max_properties),
            ];
            own.into_iter().chain(keys.map(|fact| Some(format!("names with {fact}")))).collect()
        }
        _ => Vec::new(),
    };
    facts.into_iter().flatten().collect()
}

fn of_text(text: &Text) -> Vec<String> {
    let format = match &text.format {
        Some(Format::Other(name)) => Some(format!("format: {name}")),
        _ => None,
    };
    let encoding = text.encoding.map(|encoding| format!("contentEncoding: {}", encoding.name()));
    let patterns = text.patterns.iter().map(|pattern| format!("pattern: {pattern}"));
    let lengths = [
        text.min_length.map(|least| format!("minLength: {least}")),
        text.max_length.map(|most| format!("maxLength: {most}")),
    ];
    format
        .into_iter()
        .chain(encoding)
        .chain(patterns)
        .chain(lengths.into_iter().flatten())
        .collect()
}

/// Why a value is personal data.
pub(crate) fn personal(pii: Pii) -> &'static str {
    match pii {
        Pii::Direct => "it names the person",
        Pii::Indirect => "it leads to the person together with other data",
        Pii::Sensitive => "of a kind that the law protects more",
    }
}

/// A duration as the catalog writes it: `500ms`, `20s`, `2m`, `1h`, `7d`.
pub fn duration(duration: Duration) -> String {
    const UNITS: [(u128, &str); 4] =
        [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let millis = duration.as_millis();
    let unit = UNITS.iter().find(|(length, _)| millis > 0 && millis.is_multiple_of(*length));
    match unit {
        Some((length, unit)) => format!("{}{unit}", millis / length),
        None => format!("{millis}ms"),
    }
}

/// A size as the catalog writes it: `512B`, `64KiB`, `1MiB`, `1GiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = UNITS.iter().find(|(length, _)| bytes > 0 && bytes.is_multiple_of(*length));
    match unit {
        Some((length, unit)) => format!("{}{unit}", bytes / length),
        None => format!("{bytes}B"),
    }
}

/// What becomes of large payloads, if anything.
pub(super) fn payloads(payloads: Payloads) -> Option<String> {
    let compressed =
        payloads.compress_above.map(|bytes| format!("compressed above {}", size(bytes)));
    let apart = payloads.claim_check.map(|claim_check| match claim_check.above {
        Some(bytes) => format!("apart from their messages above {}", size(bytes)),
        None => "apart from their messages where the server would refuse those".to_owned(),
    });
    let words: Vec<String> = compressed.into_iter().chain(apart).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// How often and when a failed event comes again.
pub(crate) fn retry(retry: &Retry) -> String {
    if retry.attempts <= 1 {
        return "one delivery, no retry".to_owned();
    }
    let further = retry.attempts as usize - 1;
    let delays: Vec<String> =
        retry.backoff.iter().take(further).map(|delay| duration(*delay)).collect();
    let repeats = if delays.len() < further { ", …" } else { "" };
    format!("{} deliveries, after {}{repeats}", retry.attempts, delays.join(", "))
}

/// What a subscription promises about order.
pub(super) fn order(subscription: &Subscription) -> &'static str {
    match (subscription.ordered_by_key, subscription.partitions.is_empty()) {
        (false, _) => "any",
        (true, true) => "by key",
        (true, false) => "by key, over all instances",
    }
}

/// When a subscription pauses.
pub(super) fn breaker(breaker: Option<Breaker>) -> String {
    match breaker {
        Some(Breaker { failures: 1, pause }) => format!("{} after a failure", duration(pause)),
        Some(Breaker { failures, pause }) => {
            format!("{} after {failures} failures in a row", duration(pause))
        }
        None => "never".to_owned(),
    }
}

/// What becomes of an event that a subscription has handled when it comes again.
pub(super) fn repeated(catalog: &Catalog, subscription: &Subscription) -> String {
    match catalog.remembered(subscription) {
        _ if !subscription.idempotent => "handled again".to_owned(),
        Some(known) => format!("skipped for {}", duration(known)),
        None => "skipped".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_read_as_in_the_catalog() {
        for (millis, text) in [
            (0, "0ms"),
            (500, "500ms"),
            (20_000, "20s"),
            (90_000, "90s"),
            (120_000, "2m"),
            (604_800_000, "7d"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
        for (bytes, text) in [(512, "512B"), (65_536, "64KiB"), (1 << 30, "1GiB"), (1_000, "1000B")]
        {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn retries_are_put_in_words() {
        for (attempts, text) in [
            (1, "one delivery, no retry"),
            (2, "2 deliveries, after 1s"),
            (3, "3 deliveries, after 1s, 4s"),
            (5, "5 deliveries, after 1s, 4s, …"),
        ] {
            let backoff = vec![Duration::from_secs(1), Duration::from_secs(4)];
            assert_eq!(retry(&Retry { attempts, backoff, jitter: 0.0 }), text);
        }
    }
}
