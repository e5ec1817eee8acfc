//! Deliveries that were fetched before there is a slot for them, so that no handler waits for a request to the broker.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::broker::{ConsumerSpec, Delivery};

/// No more is fetched ahead than was handled within this time lately: so long, and hardly longer, it is kept from other
/// instances. Enough for several requests, each of which takes the server less than a millisecond.
const SPAN: Duration = Duration::from_millis(20);
/// Nor more than this many: larger requests are answered no faster.
const MOST: usize = 1000;
/// Nor more than this part of what may be unsettled over all instances: one that gets stuck does not stop the others.
const PART: usize = 4;
/// Nor more than about so many bytes.
const MOST_BYTES: usize = 8 << 20;

/// Deliveries that have arrived and are not begun.
#[derive(Debug)]
pub(super) struct Ahead {
    held: VecDeque<Held>,
    /// None of them had its last sign of life before this.
    oldest_sign: Instant,
    pace: Pace,
    /// A sign of life is due so long after the last one.
    signs_every: Duration,
}

/// A delivery that waits for a slot.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) delivery: Box<Delivery>,
    /// When the broker had its last sign of life.
    pub(super) signed: Instant,
}

impl Held {
    fn sequence(&self) -> u64 {
        self.delivery.message.sequence
    }
}

impl Ahead {
    pub(super) fn new(consumer: &ConsumerSpec) -> Self {
        let unsettled = usize::try_from(consumer.max_ack_pending).unwrap_or(usize::MAX);
        let most = (unsettled / PART).min(MOST);
        let signs_every = consumer.ack_wait / 3;
        let (held, pace) = (VecDeque::new(), Pace::new(most));
        Self { held, oldest_sign: Instant::now(), pace, signs_every }
    }

    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn hold(&mut self, held: Held) {
        let oldest = self.held.is_empty().then_some(held.signed);
        self.oldest_sign = oldest.unwrap_or_else(|| self.oldest_sign.min(held.signed));
        let same = |other: &&mut Held| other.sequence() == held.sequence();
        // One that comes again while it waits was given up here: it is handled once all the same.
        match self.held.iter_mut().filter(|_| held.delivery.attempt > 1).find(same) {
            Some(other) => *other = held,
            None => self.held.push_back(held),
        }
    }

    /// The one that has waited longest.
    pub(super) fn take(&mut self) -> Option<Held> {
        let held = self.held.pop_front()?;
        self.pace.begun(held.delivery.message.payload.len());
        Some(held)
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> impl Iterator<Item = Held> {
        self.held.drain(..)
    }

    /// So many have come to their end.
    pub(super) fn ended(&mut self, count: usize) {
        self.pace.ended += count;
    }

    /// How many to fetch beyond the free slots, those that are held included.
    pub(super) fn worthwhile(&mut self) -> usize {
        self.pace.worthwhile(Instant::now())
    }

    /// How many are handled in this time, as far as can be told.
    pub(super) fn in_time(&mut self, time: Duration) -> usize {
        let spans = time.as_millis() / SPAN.as_millis();
        self.worthwhile() * usize::try_from(spans).unwrap_or(1)
    }

    /// Gives the broker signs of life of what waits, whenever they are due. Safe to cancel.
    pub(super) async fn signs(&mut self) {
        if self.held.is_empty() {
            return std::future::pending().await;
        }
        tokio::time::sleep_until(self.oldest_sign + self.signs_every).await;
        for held in &mut self.held {
            let now = Instant::now();
            // The rest follow soon, where this is cancelled.
            if held.signed + self.signs_every <= now {
                // A missed sign is made up for by the next one.
                let _ = held.delivery.settle.progress().await;
                held.signed = now;
            }
        }
        // The one it was of may be at work since: then none was due, and the bound moves on.
        let oldest = self.held.iter().map(|held| held.signed).min();
        self.oldest_sign = oldest.unwrap_or(self.oldest_sign);
    }
}

/// How much is handled, in stretches of time.
#[derive(Debug)]
struct Pace {
    since: Instant,
    /// How many were begun with, of how many bytes.
    begun: usize,
    bytes: usize,
    ended: usize,
    worthwhile: usize,
    most: usize,
}

impl Pace {
    fn new(most: usize) -> Self {
        Self { since: Instant::now(), begun: 0, bytes: 0, ended: 0, worthwhile: 0, most }
    }

    fn begun(&mut self, bytes: usize) {
        self.begun += 1;
        self.bytes += bytes;
    }

    fn worthwhile(&mut self, now: Instant) -> usize {
        let elapsed = now - self.since;
        if elapsed >= SPAN {
            let share = SPAN.as_secs_f64() / elapsed.as_secs_f64();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a share of a count"
            )]
            let lately = (self.ended as f64 * share) as usize;
            let each = self.bytes.checked_div(self.begun).unwrap_or(0).max(1);
            self.worthwhile = lately.min(self.most).min(MOST_BYTES / each);
            (self.since, self.begun, self.bytes, self.ended) = (now, 0, 0, 0);
        }
        self.worthwhile
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;
    use crate::broker::embedded::fixture::{CONSUMER, LIMITS, broker, publish};

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn after(time: Duration, begun: usize, bytes: usize) -> (Pace, Instant) {
        let mut pace = Pace::new(MOST);
        for _ in 0..begun {
            pace.begun(bytes);
        }
        pace.ended = begun;
        let now = pace.since + time;
        (pace, now)
    }

    #[test]
    fn as_much_is_fetched_as_is_handled_in_the_span() {
        for (time, begun, expected) in [
            (20 * MILLISECOND, 100, 100),
            (40 * MILLISECOND, 100, 50),
            (10 * MILLISECOND, 100, 0),
            (Duration::from_secs(10), 16, 0),
            (20 * MILLISECOND, 100_000, MOST),
        ] {
            let (mut pace, now) = after(time, begun, 100);
            assert_eq!(pace.worthwhile(now), expected, "{begun} in {time:?}");
        }
    }

    #[test]
    fn what_is_begun_and_does_not_end_is_no_reason_to_fetch() {
        let (mut pace, now) = after(SPAN, 100, 100);
        pace.ended = 0;
        assert_eq!(pace.worthwhile(now), 0);
    }

    #[test]
    fn what_was_lately_is_forgotten_when_nothing_comes() {
        let (mut pace, now) = after(SPAN, 100, 100);
        assert_eq!(pace.worthwhile(now), 100);
        assert_eq!(pace.worthwhile(now + SPAN / 2), 100);
        assert_eq!(pace.worthwhile(now + SPAN), 0);
    }

    #[test]
    fn large_payloads_do_not_fill_the_memory() {
        let (mut pace, now) = after(SPAN, 500, 1 << 20);
        assert_eq!(pace.worthwhile(now), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn a_sign_is_given_when_the_one_that_waits_longest_for_it_is_due() {
        let broker = broker(LIMITS).await;
        broker.ensure_consumer(&CONSUMER).await.expect("a consumer");
        let mut pull = broker.pull(CONSUMER).expect("a pull");
        let mut held = async || {
            publish(&broker, "s.a");
            let delivery = pull.next(1).await.expect("a delivery");
            Held { delivery, signed: Instant::now() }
        };
        let begun = Instant::now();
        let signed = |ahead: &Ahead| (ahead.held[0].signed - begun).as_secs();
        // A sign every ten seconds.
        let mut ahead = Ahead::new(&CONSUMER);
        ahead.hold(held().await);
        advance(Duration::from_secs(4)).await;
        ahead.hold(held().await);

        // The one that was due first is at work: nothing is sent in its place.
        ahead.take().expect("the first");
        ahead.signs().await;
        assert_eq!((begun.elapsed().as_secs(), signed(&ahead)), (10, 4));
        ahead.signs().await;
        assert_eq!((begun.elapsed().as_secs(), signed(&ahead)), (14, 14));

        ahead.take().expect("the second");
        assert!(timeout(Duration::from_secs(6), ahead.signs()).await.is_err(), "nothing waits");
        ahead.hold(held().await);
        ahead.signs().await;
        assert_eq!((begun.elapsed().as_secs(), signed(&ahead)), (30, 30));
    }
}
