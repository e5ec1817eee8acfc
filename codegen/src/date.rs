//! The day of the build.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Set by builds that are to give the same result on any day: the seconds since 1970 that count as now.
pub(crate) const EPOCH: &str = "SOURCE_DATE_EPOCH";

const DAY: u64 = 24 * 60 * 60;

/// The day in UTC, as `2026-01-15`.
pub(crate) fn today() -> String {
    let fixed = std::env::var(EPOCH).ok().and_then(|seconds| seconds.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    date(fixed.unwrap_or_else(now) / DAY)
}

/// The date of a day counted from 1970.
fn date(mut days: u64) -> String {
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        // A clock that is set to a day beyond any calendar is wrong anyway.
        if days < length || year == 9999 {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", days.min(30) + 1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_have_dates() {
        for (seconds, date) in [
            (0_u64, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (1_767_225_599, "2025-12-31"),
            (1_767_225_600, "2026-01-01"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(super::date(seconds / super::DAY), date);
        }
        assert_eq!(super::date(u64::MAX / super::DAY), "9999-12-31");
    }
}
