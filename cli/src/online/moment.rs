//! Moments as users write them.

use std::time::Duration;

use tidings::Timestamp;

/// A moment: so long ago (`30s`, `15m`, `2h`, `7d`), or a time by RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(ago) = duration(text) {
            return Timestamp::now().checked_sub(ago).map(Self).map_err(|error| error.to_string());
        }
        text.parse().map(Self).map_err(|_| {
            "write how long ago (`15m`, `2h`, `7d`) or a time (`2026-01-15T10:00:00Z`)".to_owned()
        })
    }
}

/// `15m`, `1h30m`.
fn duration(text: &str) -> Option<Duration> {
    let (mut rest, mut total) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(Duration::from_secs(number.checked_mul(seconds)?))?;
        rest = &rest[digits + 1..];
    }
    (!text.is_empty()).then_some(total)
}

/// How long ago something was, in a word: `3m`.
pub(crate) fn ago(time: Timestamp) -> String {
    let seconds = Timestamp::now().duration_since(time).as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, seconds) in
            [("30s", 30), ("15m", 900), ("1h30m", 5_400), ("7d", 604_800), ("0s", 0)]
        {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "15", "m", "15x", "1h 30m", "99999999999999999999s", "10000000000000000000d", "1µ"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_time_too_and_what_it_cannot_be_is_explained() {
        let time = "2026-01-15T10:00:00Z";
        assert_eq!(time.parse::<Moment>().map(|moment| moment.0.to_string()), Ok(time.to_owned()));
        let error = "yesterday".parse::<Moment>().expect_err("not a moment");
        assert!(error.contains("15m"), "{error}");
        let error = "99999999d".parse::<Moment>();
        assert!(error.is_err(), "{error:?}");
    }
}
