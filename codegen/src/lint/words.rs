//! Values in words.

use std::time::Duration;

const UNITS: [(&str, u128); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A duration in the units of the catalog, the largest two that it fills: `7d`, `1h 37m`.
pub(crate) fn in_words(duration: Duration) -> String {
    let mut rest = duration.as_millis();
    let mut words = Vec::new();
    for (name, unit) in UNITS {
        if rest >= unit && words.len() < 2 {
            words.push(format!("{}{name}", rest / unit));
            rest %= unit;
        } else if !words.is_empty() {
            break;
        }
    }
    if words.is_empty() { "0s".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::in_words;

    #[test]
    fn durations_have_two_units_at_most() {
        for (seconds, words) in
            [(0.0, "0s"), (0.2, "200ms"), (90.0, "1m 30s"), (5832.0, "1h 37m"), (604_800.0, "7d")]
        {
            assert_eq!(in_words(Duration::from_secs_f64(seconds)), words);
        }
    }
}
