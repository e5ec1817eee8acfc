//! Ends the process at one step of its work, as `kill -9` does.
//!
//! The steps are the role's own, around what it calls; so that the runtime has no hooks for its tests, what lies between
//! them is met by a delay of some microseconds.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};

/// A step of publishing or handling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Nothing is sent yet.
    Begun,
    /// The event is on its way, and no word of it is here.
    Sent,
    /// The stream's word is here.
    Stored,
    /// The handler was called.
    Received,
    /// The handler has done its work and has not answered.
    Handled,
    /// The handler fails, perhaps for the last time: what follows is the dead letter.
    Failed,
}

/// When the process is to end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Crash {
    pub(crate) at: Step,
    /// How often the step is passed before.
    pub(crate) after: u32,
    pub(crate) delay_micros: u64,
    #[serde(skip)]
    passed: AtomicU32,
}

impl Crash {
    pub(crate) fn new(at: Step, after: u32, delay_micros: u64) -> Self {
        Self { at, after, delay_micros, passed: AtomicU32::new(0) }
    }

    fn reached(&self, step: Step) {
        if step != self.at || self.passed.fetch_add(1, Ordering::Relaxed) != self.after {
            return;
        }
        let delay = Duration::from_micros(self.delay_micros);
        if delay.is_zero() {
            end();
        }
        std::thread::spawn(move || {
            std::thread::sleep(delay);
            end();
        });
    }
}

/// To be told of every step.
pub(crate) fn reached(crash: Option<&Crash>, step: Step) {
    if let Some(crash) = crash {
        crash.reached(step);
    }
}

impl Clone for Crash {
    fn clone(&self) -> Self {
        Self::new(self.at, self.after, self.delay_micros)
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, after, delay_micros, .. } = self;
        write!(f, "{delay_micros} µs after {at:?}, the time after {after}")
    }
}

fn end() {
    let _ = kill_process(getpid(), Signal::KILL);
}
