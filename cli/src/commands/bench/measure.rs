//! One event's way through the server, and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use tidings::{Subscriber, Tidings, Untyped};
use tokio::sync::Notify;

use super::Sample;
use super::stream::Track;
use crate::failure::Failure;
use crate::online::explained::because;

/// The most publishes that are made one after the other, to see what one takes.
const SINGLES: u64 = 500;

/// How many publishes are made one after the other.
pub(super) fn singles(count: u64) -> u64 {
    count.min(SINGLES)
}

/// What was measured of an event.
pub(super) struct Figures {
    pub(super) event: String,
    /// Of the payload.
    pub(super) bytes: u64,
    count: u64,
    pub(super) published: Duration,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    pub(super) handled: Duration,
}

impl Figures {
    pub(super) fn published_per_second(&self) -> u64 {
        per_second(self.count, self.published)
    }

    pub(super) fn megabytes_per_second(&self) -> f64 {
        let bytes = self.bytes as f64 * self.count as f64;
        bytes / 1e6 / self.published.as_secs_f64().max(f64::EPSILON)
    }

    pub(super) fn handled_per_second(&self) -> u64 {
        per_second(self.count + singles(self.count), self.handled)
    }
}

fn per_second(count: u64, took: Duration) -> u64 {
    (count as f64 / took.as_secs_f64().max(f64::EPSILON)) as u64
}

pub(super) async fn event(
    bus: &Tidings,
    track: &Track,
    place: usize,
    sample: &Sample,
    count: u64,
    bar: &ProgressBar,
) -> Result<Figures, Failure> {
    let publish = |number: u64| {
        let event = Untyped::new(track.events[place], sample.payload.clone());
        bus.publish_untyped(track.service, event.key(number.to_string()))
    };
    let mut latencies = Vec::new();
    for number in 0..singles(count) {
        let begun = Instant::now();
        publish(number).await.map_err(|error| because(&error))?;
        latencies.push(begun.elapsed());
        bar.inc(1);
    }
    latencies.sort_unstable();

    let begun = Instant::now();
    let mut receipts = Vec::new();
    for number in 0..count {
        receipts.push(publish(number).enqueue().await.map_err(|error| because(&error))?);
    }
    for receipt in receipts {
        receipt.await.map_err(|error| because(&error))?;
        bar.inc(1);
    }
    let published = begun.elapsed();
    Ok(Figures {
        event: sample.event.clone(),
        bytes: sample.payload.to_string().len() as u64,
        count,
        published,
        p50: at(&latencies, 50),
        p99: at(&latencies, 99),
        handled: handled(bus, track, place, count + singles(count), bar).await?,
    })
}

/// Handles all of them, and tells how long that took.
async fn handled(
    bus: &Tidings,
    track: &Track,
    place: usize,
    count: u64,
    bar: &ProgressBar,
) -> Result<Duration, Failure> {
    let (seen, all, moving) = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()), bar.clone());
    let done = Arc::clone(&all);
    let handler = move |_, _| {
        moving.inc(1);
        // Once for each; what came twice would be counted twice, on a stream that nobody else writes to.
        if seen.fetch_add(1, Ordering::Relaxed) + 1 == count {
            done.notify_one();
        }
        std::future::ready(Ok(()))
    };
    let subscriber = Subscriber::untyped(track.service, track.subscription(place), handler);
    let begun = Instant::now();
    let run = bus.run(subscriber).until(async move { all.notified().await });
    run.await.map_err(|error| because(&error))?;
    Ok(begun.elapsed())
}

/// The value that so many of a hundred are not above.
fn at(sorted: &[Duration], percent: usize) -> Duration {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let all: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(at(&all, 50), Duration::from_millis(100));
        assert_eq!(at(&all, 99), Duration::from_millis(198));
        assert_eq!(at(&all[..1], 99), Duration::from_millis(1));
        assert_eq!(at(&[], 50), Duration::ZERO);
    }
}
