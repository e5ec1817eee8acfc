//! Ends the process at one step of its work, as `kill -9` does.
//!
//! The service's own steps are around what it calls. Those of the relay are known from what it logs.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;
use rustix::process::{Signal, getpid, kill_process};
use tracing_subscriber::EnvFilter;

/// The service's steps, and what the relay logs at its own.
const STEPS: [&str; 8] = [
    "begun",            // the transaction
    "put in",           // the event, and not committed
    "committed",        //
    "rows to relay",    // claimed, and not sent
    "on its way",       // sent, and no word of it
    "is in its stream", // not written down
    "written down",     //
    "other parts",      // a lease is there
];

/// When the process ends.
#[derive(Clone)]
pub(crate) struct Crash(Option<Arc<Due>>);

struct Due {
    step: &'static str,
    /// How often the step is passed before.
    left: AtomicU64,
}

impl Crash {
    /// As the seed says.
    pub(crate) fn by(random: &mut Rng) -> Self {
        let step = STEPS[random.usize(..STEPS.len())];
        // A lease is taken once or twice a life.
        let most = if step == "other parts" { 2 } else { 60 };
        Self(Some(Arc::new(Due { step, left: AtomicU64::new(random.u64(..most)) })))
    }

    pub(crate) fn never() -> Self {
        Self(None)
    }

    pub(crate) fn reached(&self, step: &str) {
        let Some(due) = &self.0 else { return };
        if step.contains(due.step) && due.left.fetch_sub(1, Ordering::Relaxed) == 0 {
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }

    /// Hears the relay's log.
    pub(crate) fn listen(&self) {
        let this = self.clone();
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("tidings::outbox=trace"))
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
