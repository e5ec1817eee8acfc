//! Days before and after others.

use std::time::Duration;

use tidings::Date;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// So many days later.
pub fn days_after(date: Date, days: u64) -> Date {
    date.saturating_add(many(days))
}

/// So many days before.
pub fn days_before(date: Date, days: u64) -> Date {
    date.saturating_sub(many(days))
}

fn many(days: u64) -> Duration {
    DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX))
}
