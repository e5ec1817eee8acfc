//! Ends the process at one step of its work, as `kill -9` does, or stops it there, as a machine does that is frozen.
//!
//! The service's own steps are around what it calls. Those of the relay are known from what it logs, and those within its
//! transactions from what sqlx logs of its statements.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;
use rustix::process::{Signal, getpid, kill_process};
use tracing_subscriber::EnvFilter;

/// A step: what is said at it, and how often it may be passed before. That is often, and less often than a life gets there.
#[derive(Clone, Copy)]
pub(crate) struct Step(pub(crate) &'static str, pub(crate) u64);

/// The service's own.
const OWN: [Step; 3] = [
    Step("begun", 20),     // the transaction
    Step("put in", 40),    // the event, and not committed
    Step("committed", 20), //
];
/// The relay's.
const RELAYING: [Step; 8] = [
    Step("rows to relay", 4),                    // claimed, and not sent
    Step("on its way", 30),                      // sent, and no word of it
    Step("is in its stream", 30),                // not written down
    Step("written down", 4),                     //
    Step("other parts", 1),                      // a lease is there
    Step("SET attempted", 4),                    // not committed
    Step("DELETE FROM tidings_outbox WHERE", 4), // not committed
    Step("INTO tidings_outbox_relay", 2),        // a seat among the relays, and not committed
];

pub(crate) fn all() -> impl Iterator<Item = Step> {
    OWN.into_iter().chain(RELAYING)
}

/// When the process ends.
#[derive(Clone)]
pub(crate) struct Crash(Option<Arc<Due>>);

struct Due {
    step: Step,
    /// How often the step is passed before.
    left: AtomicU64,
    blow: Signal,
    /// Where it is written down that it happened.
    note: PathBuf,
}

impl Crash {
    /// In a service: each step in its turn.
    pub(crate) fn of_service(turn: u64, may_freeze: bool, note: PathBuf, random: &mut Rng) -> Self {
        let steps: Vec<Step> = all().collect();
        Self::at(&steps, turn, may_freeze, note, random)
    }

    /// In a process that only relays.
    pub(crate) fn of_relay(turn: u64, note: PathBuf, random: &mut Rng) -> Self {
        Self::at(&RELAYING, turn, true, note, random)
    }

    fn at(steps: &[Step], turn: u64, may_freeze: bool, note: PathBuf, random: &mut Rng) -> Self {
        let step = steps[turn as usize % steps.len()];
        let blow = if may_freeze && random.bool() { Signal::STOP } else { Signal::KILL };
        let left = AtomicU64::new(random.u64(..step.1));
        Self(Some(Arc::new(Due { step, left, blow, note })))
    }

    pub(crate) fn never() -> Self {
        Self(None)
    }

    pub(crate) fn reached(&self, said: &str) {
        let Some(due) = &self.0 else { return };
        let Due { step: Step(step, _), left, blow, note } = &**due;
        if said.contains(step) && left.fetch_sub(1, Ordering::Relaxed) == 0 {
            // Without the note it counts as not reached, and is missed.
            let _ = std::fs::write(note, step);
            let _ = kill_process(getpid(), *blow);
        }
    }

    /// Hears the log.
    pub(crate) fn listen(&self) {
        let this = self.clone();
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("tidings::state::outbox=trace,sqlx::query=debug"))
            .with_ansi(false)
            .with_writer(move || Ear(this.clone()))
            .init();
    }
}

/// A log that is only listened to.
struct Ear(Crash);

impl Write for Ear {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.reached(&String::from_utf8_lossy(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
