//! A circuit breaker: stops asking for what fails again and again, and tries one at a time whether it works again.
//!
//! Pure policy on tokio's clock. Who uses it says what counts as a failure.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::resilience::retry;

/// What opens a breaker, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// So many failures in a row open it; at least 1.
    pub failures: u32,
    /// The pause before the first probe. It doubles with each probe that fails, and varies by half.
    pub first_pause: Duration,
    /// No pause is longer.
    pub longest_pause: Duration,
}

/// Whether a [circuit breaker](https://martinfowler.com/bliki/CircuitBreaker.html) lets work through.
///
/// ```
/// use tidings::{BreakerState, Tidings};
///
/// let bus = Tidings::embedded();
/// match bus.publish_breaker() {
///     BreakerState::Closed { .. } => println!("as ever"),
///     paused => println!("paused: {paused:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Work goes through.
    Closed {
        /// Failures in a row up to now.
        failures: u32,
    },
    /// Nothing goes through: too much has failed in a row.
    Open {
        /// Until one may try again; zero where the next one may.
        probe_in: Duration,
    },
    /// One is trying whether it works again; all others wait for what comes of it.
    HalfOpen,
}

/// A circuit breaker; clones are one breaker.
#[derive(Clone, Debug)]
pub(crate) struct Breaker(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: Settings,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
        /// How often it opened without a success in between.
        times: u32,
    },
    /// The probe with this number is under way.
    HalfOpen {
        times: u32,
        probe: u64,
    },
}

/// A breaker's state and word of its changes.
#[derive(Debug)]
pub(crate) struct Watch {
    breaker: Breaker,
    changes: watch::Receiver<State>,
    /// When the pause is over that it was in when it was asked last.
    over: Option<Instant>,
}

/// Leave to go on. What came of it is told by [`succeeded`](Self::succeeded) or [`failed`](Self::failed); one that is
/// dropped without a word says nothing about success, and gives the place of a probe to the next.
#[derive(Debug)]
#[must_use = "say what came of it"]
pub(crate) struct Permit {
    breaker: Breaker,
    /// Set while this is a probe and has not told what came of it.
    probe: Option<u64>,
}

/// The breaker is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// Until the next probe; none while one is under way.
    pub probe_in: Option<Duration>,
}

impl Breaker {
    /// A closed one.
    pub(crate) fn new(settings: Settings) -> Self {
        let state = watch::Sender::new(State::Closed { failures: 0 });
        Self(Arc::new(Shared { settings, state }))
    }

    /// Leave to go on, if there is one now: for everybody while closed, for one at a time afterwards.
    ///
    /// # Errors
    /// It is open.
    pub(crate) fn admit(&self) -> Result<Permit, Open> {
        if matches!(*self.0.state.borrow(), State::Closed { .. }) {
            return Ok(Permit { breaker: self.clone(), probe: None });
        }
        let now = Instant::now();
        let mut admitted = Ok(None);
        self.0.state.send_if_modified(|state| match *state {
            State::Closed { .. } => false,
            State::Open { until, .. } if until > now => {
                admitted = Err(Open { probe_in: Some(until - now) });
                false
            }
            State::Open { times, .. } => {
                let probe = fastrand::u64(..);
                *state = State::HalfOpen { times, probe };
                admitted = Ok(Some(probe));
                true
            }
            State::HalfOpen { .. } => {
                admitted = Err(Open { probe_in: None });
                false
            }
        });
        admitted.map(|probe| Permit { breaker: self.clone(), probe })
    }

    /// Waits until there is leave to go on. Safe to cancel.
    pub(crate) async fn admitted(&self) -> Permit {
        let mut state = self.0.state.subscribe();
        loop {
            state.mark_unchanged();
            let changed = state.changed();
            match self.admit() {
                Ok(permit) => return permit,
                Err(Open { probe_in: Some(pause) }) => {
                    // It may close sooner.
                    let _ = tokio::time::timeout(pause, changed).await;
                }
                // The sender lives in `self`.
                Err(Open { probe_in: None }) => drop(changed.await),
            }
        }
    }

    /// The state and its changes from now on.
    pub(crate) fn watch(&self) -> Watch {
        Watch { breaker: self.clone(), changes: self.0.state.subscribe(), over: None }
    }

    /// The state now.
    pub(crate) fn state(&self) -> BreakerState {
        match *self.0.state.borrow() {
            State::Closed { failures } => BreakerState::Closed { failures },
            State::Open { until, .. } => {
                BreakerState::Open { probe_in: until.saturating_duration_since(Instant::now()) }
            }
            State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Any success breaks the row of failures, also of what was admitted before it opened.
    fn succeeded(&self) {
        self.0.state.send_if_modified(|state| {
            let closed = State::Closed { failures: 0 };
            std::mem::replace(state, closed) != closed
        });
    }

    /// Once it is open, only a probe's failure counts: the others were admitted before.
    fn failed(&self, own: Option<u64>) {
        let settings = &self.0.settings;
        self.0.state.send_if_modified(|state| {
            let times = match *state {
                State::Closed { failures } if failures + 1 < settings.failures => {
                    *state = State::Closed { failures: failures + 1 };
                    return true;
                }
                State::Closed { .. } => 1,
                State::HalfOpen { times, probe } if own == Some(probe) => times.saturating_add(1),
                State::Open { .. } | State::HalfOpen { .. } => return false,
            };
            let pause = retry::doubling(settings.first_pause, settings.longest_pause, times);
            *state = State::Open { until: Instant::now() + pause, times };
            true
        });
    }

    /// A probe ended without a word: the next one may try.
    fn release(&self, own: u64) {
        self.0.state.send_if_modified(|state| match *state {
            State::HalfOpen { times, probe } if probe == own => {
                *state = State::Open { until: Instant::now(), times };
                true
            }
            _ => false,
        });
    }
}

impl Watch {
    /// The state now.
    pub(crate) fn state(&mut self) -> BreakerState {
        self.changes.mark_unchanged();
        let state = self.breaker.state();
        self.over = match state {
            BreakerState::Open { probe_in } if !probe_in.is_zero() => {
                Some(Instant::now() + probe_in)
            }
            _ => None,
        };
        state
    }

    /// Returns once the state is another than when it was asked for, or the pause is over. Safe to cancel.
    pub(crate) async fn changed(&mut self) {
        let changed = self.changes.changed();
        match self.over {
            Some(over) => drop(tokio::time::timeout_at(over, changed).await),
            // The sender lives in `self`.
            None => drop(changed.await),
        }
    }
}

impl Permit {
    /// It worked: the breaker closes.
    pub(crate) fn succeeded(mut self) {
        self.probe = None;
        self.breaker.succeeded();
    }

    /// It failed in the way that the breaker is there for.
    pub(crate) fn failed(mut self) {
        let probe = self.probe.take();
        self.breaker.failed(probe);
    }

    /// Whether this is the one that tries whether it works again.
    pub(crate) fn is_probe(&self) -> bool {
        self.probe.is_some()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(probe) = self.probe {
            self.breaker.release(probe);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn breaker() -> Breaker {
        Breaker::new(Settings { failures: 3, first_pause: SECOND, longest_pause: 5 * SECOND })
    }

    fn permit(breaker: &Breaker) -> Permit {
        breaker.admit().expect("it lets through")
    }

    fn opened() -> Breaker {
        let breaker = breaker();
        for _ in 0..3 {
            permit(&breaker).failed();
        }
        breaker
    }

    /// Waits out the pause, which must be of this length, give or take the variation.
    async fn wait_out(breaker: &Breaker, longest: Duration) {
        let BreakerState::Open { probe_in } = breaker.state() else {
            panic!("not open: {:?}", breaker.state());
        };
        assert!((longest / 2..=longest).contains(&probe_in), "{probe_in:?}, not {longest:?}");
        assert_eq!(breaker.admit().err(), Some(Open { probe_in: Some(probe_in) }));
        tokio::time::advance(probe_in).await;
    }

    #[tokio::test(start_paused = true)]
    async fn only_failures_in_a_row_open_it() {
        let breaker = breaker();
        for _ in 0..3 {
            permit(&breaker).failed();
            permit(&breaker).failed();
            assert_eq!(breaker.state(), BreakerState::Closed { failures: 2 });
            drop(permit(&breaker));
            assert_eq!(breaker.state(), BreakerState::Closed { failures: 2 }, "no word, no change");
            permit(&breaker).succeeded();
            assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
        }
        for _ in 0..3 {
            permit(&breaker).failed();
        }
        assert!(matches!(breaker.state(), BreakerState::Open { .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_tries_and_the_pauses_double_to_a_bound() {
        let breaker = opened();
        for pause in [1, 2, 4, 5, 5] {
            wait_out(&breaker, pause * SECOND).await;
            let probe = permit(&breaker);
            assert!(probe.is_probe());
            assert_eq!(breaker.state(), BreakerState::HalfOpen);
            assert_eq!(breaker.admit().err(), Some(Open { probe_in: None }));
            probe.failed();
        }
        wait_out(&breaker, 5 * SECOND).await;
        permit(&breaker).succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
        assert!(!permit(&breaker).is_probe());
        for _ in 0..3 {
            permit(&breaker).failed();
        }
        wait_out(&breaker, SECOND).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_without_a_word_makes_room_for_another() {
        let breaker = opened();
        wait_out(&breaker, SECOND).await;
        drop(permit(&breaker));
        assert_eq!(breaker.state(), BreakerState::Open { probe_in: Duration::ZERO });
        let probe = permit(&breaker);
        assert!(probe.is_probe());
        probe.failed();
        wait_out(&breaker, 2 * SECOND).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_admitted_before_closes_it_by_a_success_and_changes_nothing_by_a_failure() {
        let breaker = breaker();
        let early: Vec<Permit> = (0..6).map(|_| permit(&breaker)).collect();
        let mut early = early.into_iter();
        early.by_ref().take(3).for_each(Permit::failed);
        let open = breaker.state();
        early.by_ref().take(1).for_each(Permit::failed);
        assert_eq!(breaker.state(), open);
        wait_out(&breaker, SECOND).await;
        let probe = permit(&breaker);
        early.by_ref().take(1).for_each(Permit::failed);
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        early.for_each(Permit::succeeded);
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 });
        probe.failed();
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 1 });
    }

    #[tokio::test(start_paused = true)]
    async fn who_watches_is_told_of_changes_and_of_the_end_of_the_pause() {
        let breaker = breaker();
        let mut watch = breaker.watch();
        assert_eq!(watch.state(), BreakerState::Closed { failures: 0 });
        assert!(watch.changed().now_or_never().is_none());
        for _ in 0..3 {
            permit(&breaker).failed();
        }
        watch.changed().await;
        assert!(matches!(watch.state(), BreakerState::Open { .. }));
        // Told also where it is over before anybody waits for it.
        tokio::time::advance(SECOND).await;
        assert!(watch.changed().now_or_never().is_some());
        assert_eq!(watch.state(), BreakerState::Open { probe_in: Duration::ZERO });
        assert!(watch.changed().now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_admitted_after_the_pause_or_when_it_closes() {
        let breaker = breaker();
        let early = permit(&breaker);
        for _ in 0..3 {
            permit(&breaker).failed();
        }
        let probe = breaker.admitted().await;
        assert!(probe.is_probe());
        let mut waiting = Box::pin(breaker.admitted());
        assert!((&mut waiting).now_or_never().is_none());
        tokio::time::advance(60 * SECOND).await;
        assert!((&mut waiting).now_or_never().is_none(), "one at a time, however long it takes");
        early.succeeded();
        assert!(!waiting.await.is_probe());
        drop(probe);
        assert_eq!(
            breaker.state(),
            BreakerState::Closed { failures: 0 },
            "a late probe is nothing"
        );
    }
}
