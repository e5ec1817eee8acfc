//! What the databases of the instances come to.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use tidings::Timestamp;
use tidings_tests::resident::Resident;

use crate::instances::Arrival;

/// All of a run.
pub(crate) struct Figures {
    pub(crate) flood: Flood,
    pub(crate) steady: Steady,
    /// Where it was watched.
    pub(crate) memory: Option<Memory>,
}

/// Events as fast as they go.
pub(crate) struct Flood {
    pub(crate) fate: Fate,
    /// A second.
    pub(crate) published: f64,
    /// A second, by each instance.
    pub(crate) handled: Vec<f64>,
}

/// Events at a steady rate.
pub(crate) struct Steady {
    pub(crate) fate: Fate,
    /// A second.
    pub(crate) rate: u64,
    pub(crate) span: Duration,
    pub(crate) latency: Latency,
}

/// What has become of events.
#[derive(Debug, PartialEq)]
pub(crate) struct Fate {
    pub(crate) published: u64,
    pub(crate) lost: u64,
    /// Handled more than once.
    pub(crate) repeated: u64,
}

/// From publishing to handling, in microseconds.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Latency {
    pub(crate) p50: u64,
    pub(crate) p95: u64,
    pub(crate) p99: u64,
    pub(crate) max: u64,
}

/// Memory of the processes.
pub(crate) struct Memory {
    pub(crate) publisher: Resident,
    pub(crate) instances: Vec<Resident>,
}

impl Figures {
    pub(crate) fn lost(&self) -> u64 {
        self.flood.fate.lost + self.steady.fate.lost
    }
}

impl Flood {
    pub(crate) fn of(
        steps: Range<u64>,
        handled: &[Vec<Arrival>],
        published_in: Duration,
        began: Timestamp,
    ) -> Self {
        let fate = Fate::of(&steps, handled);
        let published = fate.published as f64 / published_in.as_secs_f64();
        let last = arrivals(&steps, handled).map(|arrival| arrival.at_us).max();
        let took = last.unwrap_or_default().saturating_sub(began.as_microsecond());
        let rate = |instance: &Vec<Arrival>| {
            let count = instance.iter().filter(|arrival| steps.contains(&arrival.step)).count();
            1e6 * count as f64 / took.max(1) as f64
        };
        Self { fate, published, handled: handled.iter().map(rate).collect() }
    }
}

impl Steady {
    pub(crate) fn of(
        steps: Range<u64>,
        handled: &[Vec<Arrival>],
        rate: u64,
        span: Duration,
    ) -> Self {
        let latency = Latency::of(arrivals(&steps, handled).map(|arrival| arrival.took_us));
        Self { fate: Fate::of(&steps, handled), rate, span, latency }
    }
}

impl Fate {
    fn of(steps: &Range<u64>, handled: &[Vec<Arrival>]) -> Self {
        let mut times: HashMap<u64, u64> = HashMap::new();
        for arrival in arrivals(steps, handled) {
            *times.entry(arrival.step).or_default() += 1;
        }
        let published = steps.end - steps.start;
        let arrived = times.len() as u64;
        let repeated = times.values().filter(|times| **times > 1).count() as u64;
        Self { published, lost: published - arrived, repeated }
    }
}

impl Latency {
    fn of(took: impl Iterator<Item = u64>) -> Self {
        let mut took: Vec<u64> = took.collect();
        took.sort_unstable();
        let at = |per_cent: usize| {
            let rank = (took.len() * per_cent).div_ceil(100).saturating_sub(1);
            took.get(rank).copied().unwrap_or_default()
        };
        Self { p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }
}

impl Memory {
    pub(crate) fn is_flat(&self) -> bool {
        self.publisher.is_flat() && self.instances.iter().all(Resident::is_flat)
    }
}

fn arrivals<'a>(
    steps: &'a Range<u64>,
    handled: &'a [Vec<Arrival>],
) -> impl Iterator<Item = &'a Arrival> {
    handled.iter().flatten().filter(|arrival| steps.contains(&arrival.step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(step: u64, took_us: u64) -> Arrival {
        Arrival { step, took_us, at_us: 1_000_000 + i64::try_from(took_us).expect("small") }
    }

    #[test]
    fn what_is_lost_and_what_is_repeated_is_counted() {
        // 3 is lost, 1 came to both, and 9 belongs to another part.
        let handled = [vec![arrival(1, 10), arrival(2, 20)], vec![arrival(1, 30), arrival(9, 40)]];
        let fate = Fate::of(&(1..4), &handled);
        assert_eq!(fate, Fate { published: 3, lost: 1, repeated: 1 });
    }

    #[test]
    fn rates_are_those_of_each_instance_until_the_last_event() {
        let handled = [vec![arrival(0, 500_000), arrival(1, 1_000_000)], vec![arrival(2, 10)]];
        let began = Timestamp::from_microsecond(1_000_000).expect("a time");
        let flood = Flood::of(0..3, &handled, Duration::from_secs(2), began);
        assert_eq!((flood.published, flood.handled), (1.5, vec![2.0, 1.0]));
    }

    #[test]
    fn percentiles_are_of_those_that_arrived() {
        let latency = Latency::of(1..=200);
        assert_eq!(latency, Latency { p50: 100, p95: 190, p99: 198, max: 200 });
        assert_eq!(Latency::of(std::iter::empty()), Latency::default());
    }
}
