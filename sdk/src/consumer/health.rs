//! How a subscription fares: it fetches less, and then pauses, while one event after the other fails.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::catalog::SubscriptionSpec;
use crate::resilience::breaker::{Breaker, BreakerState, Permit, Settings, Watch};

/// No pause is longer, unless the catalog's first one is.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long an event may fail without spending an attempt while all others fail too. Longer than most outages; an event that
/// itself is what fails, among others of its kind, keeps its place no longer than that.
const SPARED: Duration = Duration::from_secs(15 * 60);

/// Where order counts, a failing event keeps its place: no more can fail in a row than are in hand. But of so few, all may be
/// poison.
const FEW: usize = 3;

/// What the deliveries of a subscription have come to lately, whichever consumer brought them.
#[derive(Debug)]
pub(crate) struct Health(Option<Judged>);

#[derive(Debug)]
struct Judged {
    breaker: Breaker,
    /// So many failures in a row open the breaker.
    failures: u32,
    /// Whether an event that fails keeps its place until it is tried again.
    in_place: bool,
    /// The events that have failed since the last success, by sequence, and when they did so first. An event counts once,
    /// however often it is tried: one that can never be handled says nothing about the others.
    failing: Mutex<HashMap<u64, Instant>>,
    /// Those who wait to be admitted, in turn: a probe that fails goes to the end.
    line: Semaphore,
}

/// Leave to call the handler. Dropped without a word, it says nothing about how the subscription fares.
#[derive(Debug)]
pub(super) struct Pass<'h>(Option<(&'h Judged, Permit)>);

/// Word of every change of how a subscription fares.
#[derive(Debug)]
pub(super) struct Changes(Option<Watched>);

#[derive(Debug)]
struct Watched {
    watch: Watch,
    /// So many failures in a row open the breaker.
    most: u32,
    in_place: bool,
}

impl Health {
    pub(super) fn of(spec: &SubscriptionSpec) -> Self {
        Self(spec.breaker.map(|breaker| {
            let in_hand = match (spec.ordered_by_key, spec.partitions.len()) {
                (false, _) => usize::MAX,
                (true, 0) => spec.concurrency,
                (true, partitions) => partitions,
            };
            let most = u32::try_from(in_hand.max(FEW)).unwrap_or(u32::MAX);
            let failures = breaker.failures.clamp(1, most);
            let longest_pause = LONGEST_PAUSE.max(breaker.pause);
            let settings = Settings { failures, first_pause: breaker.pause, longest_pause };
            let (failing, line) = (Mutex::default(), Semaphore::new(1));
            let in_place = spec.ordered_by_key;
            Judged { breaker: Breaker::new(settings), failures, in_place, failing, line }
        }))
    }

    /// The breaker's state; none where the catalog has switched it off.
    pub(crate) fn state(&self) -> Option<BreakerState> {
        self.0.as_ref().map(|judged| judged.breaker.state())
    }

    pub(super) fn changes(&self) -> Changes {
        Changes(self.0.as_ref().map(|judged| {
            let Judged { breaker, failures, in_place, .. } = judged;
            Watched { watch: breaker.watch(), most: *failures, in_place: *in_place }
        }))
    }

    /// Leave to call the handler now.
    pub(super) fn admit(&self) -> Option<Pass<'_>> {
        let Some(judged) = &self.0 else { return Some(Pass(None)) };
        judged.breaker.admit().ok().map(|permit| Pass(Some((judged, permit))))
    }

    /// Waits for leave to call the handler.
    pub(super) async fn admitted(&self) -> Pass<'_> {
        let Some(judged) = &self.0 else { return Pass(None) };
        // It is never closed.
        let _turn = judged.line.acquire().await;
        Pass(Some((judged, judged.breaker.admitted().await)))
    }
}

impl Pass<'_> {
    pub(super) fn succeeded(self) {
        if let Some((judged, permit)) = self.0 {
            judged.failing.lock().unwrap_or_else(PoisonError::into_inner).clear();
            permit.succeeded(&judged.breaker);
        }
    }

    /// The handler failed with the event of this sequence. True where nothing is to be tried for now, and that costs the
    /// event no attempt.
    pub(super) fn failed(self, event: u64) -> bool {
        let Some((judged, permit)) = self.0 else { return false };
        let is_closed = || matches!(judged.breaker.state(), BreakerState::Closed { .. });
        let mut failing = judged.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let is_another = !failing.contains_key(&event);
        let since = *failing.entry(event).or_insert_with(Instant::now);
        if permit.is_probe() || (is_another && is_closed()) {
            permit.failed(&judged.breaker);
        }
        !is_closed() && since.elapsed() < SPARED
    }
}

impl Changes {
    /// How many more deliveries to take where `busy` of at most `concurrency` are under way.
    ///
    /// Fewer with each quarter of the way to the pause; none during it; then one, unless there is one to try it with. Where those
    /// that fail wait in their places, they do not keep the next ones out: otherwise nobody would know that these fail too.
    pub(super) fn room(&mut self, concurrency: usize, busy: usize) -> usize {
        let at_once = match &mut self.0 {
            None => concurrency,
            Some(Watched { watch, most, in_place }) => match watch.state() {
                BreakerState::Closed { failures } => {
                    let quarters = u64::from(failures) * 4 / u64::from(*most);
                    let fewer = (concurrency >> quarters.min(4)).max(1);
                    if *in_place {
                        return fewer.min(concurrency.saturating_sub(busy));
                    }
                    fewer
                }
                BreakerState::Open { probe_in: Duration::ZERO } => 1,
                BreakerState::Open { .. } | BreakerState::HalfOpen => 0,
            },
        };
        at_once.saturating_sub(busy)
    }

    /// Whether nothing has failed since something worked.
    pub(super) fn fares_well(&mut self) -> bool {
        self.0.as_mut().is_none_or(|Watched { watch, .. }| {
            matches!(watch.state(), BreakerState::Closed { failures: 0 })
        })
    }

    /// Returns once [`room`](Self::room) may be another. Safe to cancel.
    pub(super) async fn changed(&mut self) {
        match &mut self.0 {
            Some(Watched { watch, .. }) => watch.changed().await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(2);

    fn health(failures: u32) -> Health {
        judged(failures, false)
    }

    fn judged(failures: u32, in_place: bool) -> Health {
        let settings = Settings { failures, first_pause: PAUSE, longest_pause: PAUSE };
        let (failing, line) = (Mutex::default(), Semaphore::new(1));
        let breaker = Breaker::new(settings);
        Health(Some(Judged { breaker, failures, in_place, failing, line }))
    }

    fn fail(health: &Health, event: u64) -> bool {
        health.admit().expect("it lets through").failed(event)
    }

    #[tokio::test(start_paused = true)]
    async fn fetching_slows_down_then_pauses_then_tries_one() {
        let health = health(8);
        let mut changes = health.changes();
        let mut rooms = Vec::new();
        for event in 0..8 {
            rooms.push(changes.room(16, 0));
            assert_eq!(fail(&health, event), event == 7);
        }
        assert_eq!(rooms, [16, 16, 8, 8, 4, 4, 2, 2]);
        assert_eq!((changes.room(16, 0), changes.room(1, 0)), (0, 0));
        tokio::time::advance(PAUSE).await;
        assert_eq!((changes.room(16, 0), changes.room(16, 1)), (1, 0));
        let probe = health.admit().expect("it lets one through");
        assert_eq!(changes.room(16, 0), 0);
        probe.succeeded();
        assert_eq!((changes.room(16, 0), changes.room(16, 10)), (16, 6));
    }

    #[tokio::test]
    async fn those_that_fail_in_their_places_leave_room_for_the_one_that_pauses_it() {
        for (failures, concurrency) in [(5, 8), (8, 8), (3, 64)] {
            let health = judged(failures, true);
            let mut changes = health.changes();
            for event in 0..u64::from(failures) {
                let waiting = event as usize;
                let room = changes.room(concurrency, waiting);
                assert!((1..=concurrency - waiting).contains(&room), "{room} beside {waiting}");
                assert_eq!(changes.room(concurrency, concurrency), 0);
                assert_eq!(fail(&health, event), event + 1 == u64::from(failures));
            }
            assert_eq!(changes.room(concurrency, 0), 0);
        }
    }

    #[tokio::test]
    async fn one_event_never_pauses_the_others() {
        let health = health(3);
        for _ in 0..100 {
            assert!(!fail(&health, 1));
        }
        assert!(!fail(&health, 2));
        health.admit().expect("it lets through").succeeded();
        assert!(!fail(&health, 1) && !fail(&health, 2), "a success begins the count anew");
        assert!(fail(&health, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_try_it_in_turn() {
        let health = health(1);
        assert!(fail(&health, 1));
        let (mut first, mut second) = (Box::pin(health.admitted()), Box::pin(health.admitted()));
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        tokio::time::advance(PAUSE).await;
        assert!((&mut second).now_or_never().is_none(), "the other one came before");
        assert!(first.await.failed(1));
        let mut again = Box::pin(health.admitted());
        tokio::time::advance(PAUSE).await;
        assert!((&mut again).now_or_never().is_none(), "it is at the end now");
        second.await.succeeded();
        again.await.succeeded();
    }

    #[tokio::test]
    async fn without_a_breaker_nothing_pauses() {
        let health = Health(None);
        assert!((0..100).all(|event| !fail(&health, event)));
        assert_eq!((health.changes().room(16, 0), health.state()), (16, None));
        assert!(health.changes().changed().now_or_never().is_none());
    }
}
