//! The processes of a run: started, looked after, killed and started again.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::happenings::Happenings;
use crate::Outcome;
use crate::model::Violation;
use crate::roles::Role;
use crate::schedule::Crashes;

/// How long a process may take to end in order.
const ENDING: Duration = Duration::from_secs(60);
/// Pause before a process that ended by itself is started again.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(crate) struct Fleet {
    folder: PathBuf,
    program: PathBuf,
    /// None where nothing crashes, or not any more.
    crashes: Option<Crashes>,
    happenings: Happenings,
    slots: Vec<Slot>,
}

/// A place that is filled by one process after the other.
#[derive(Debug)]
struct Slot {
    name: String,
    role: Role,
    child: Option<Child>,
    starts: u32,
    start_at: Instant,
    thaw_at: Option<Instant>,
    finished: bool,
}

impl Fleet {
    pub(crate) fn new(
        folder: &Path,
        crashes: Option<Crashes>,
        happenings: Happenings,
    ) -> Outcome<Self> {
        let (folder, program) = (folder.to_owned(), std::env::current_exe()?);
        Ok(Self { folder, program, crashes, happenings, slots: Vec::new() })
    }

    /// Makes a place and fills it.
    pub(crate) fn add(&mut self, name: &str, role: Role) -> Outcome {
        self.slots.push(Slot {
            name: name.to_owned(),
            role,
            child: None,
            starts: 0,
            start_at: Instant::now(),
            thaw_at: None,
            finished: false,
        });
        self.tend().map(drop)
    }

    /// Fills empty places again; tells whether all publishers are done.
    pub(crate) fn tend(&mut self) -> Outcome<bool> {
        let now = Instant::now();
        for index in 0..self.slots.len() {
            let slot = &mut self.slots[index];
            if slot.thaw_at.is_some_and(|at| at <= now) {
                slot.thaw()?;
            }
            if let Some(child) = &mut slot.child
                && let Some(status) = child.try_wait()?
            {
                slot.child = None;
                slot.thaw_at = None;
                slot.finished = slot.is_publisher() && status.success();
                slot.start_at = now + PAUSE;
                self.happenings.note(&slot.name, format!("has ended: {status}"));
            }
            if slot.child.is_none() && !slot.finished && slot.start_at <= now {
                self.start(index)?;
            }
        }
        Ok(self.slots.iter().filter(|slot| slot.is_publisher()).all(|slot| slot.finished))
    }

    fn start(&mut self, index: usize) -> Outcome {
        let slot = &mut self.slots[index];
        let crashes = self.crashes.as_mut();
        let role = match slot.role.clone() {
            Role::Publish(mut publishing) => {
                publishing.crash = crashes.and_then(Crashes::of_publisher);
                Role::Publish(publishing)
            }
            Role::Handle(mut handling) => {
                handling.crash = crashes.and_then(Crashes::of_handler);
                let file = format!("handler-{}-{}.journal", slot.name, slot.starts);
                handling.journal = self.folder.join(file);
                Role::Handle(handling)
            }
        };
        let crash = match &role {
            Role::Publish(publishing) => &publishing.crash,
            Role::Handle(handling) => &handling.crash,
        };
        let intent = crash.as_ref().map_or_else(String::new, |crash| format!(", to die: {crash}"));
        self.happenings.note(&slot.name, format!("starts{intent}"));
        let log = self.folder.join(format!("{}.log", slot.name));
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let child = Command::new(&self.program)
            .args(["--role", &serde_json::to_string(&role)?])
            // Our end: the process ends when it is closed.
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        slot.child = Some(child);
        slot.starts += 1;
        Ok(())
    }

    /// Ends a process as `kill -9` does; the number chooses among those of its kind that run.
    pub(crate) fn kill_one(&mut self, publisher: bool, number: usize) -> Outcome {
        self.signal(publisher, number, Signal::KILL, "is killed")
    }

    /// Asks a handler to end.
    pub(crate) fn stop_one(&mut self, number: usize) -> Outcome {
        self.signal(false, number, Signal::TERM, "is told to end")
    }

    /// Stops a handler in its tracks for a while.
    pub(crate) fn freeze_one(&mut self, number: usize, still: Duration) -> Outcome {
        self.signal(false, number, Signal::STOP, &format!("is frozen for {still:?}"))?;
        if let Some(slot) = self.choose(false, number) {
            slot.thaw_at = Some(Instant::now() + still);
        }
        Ok(())
    }

    fn signal(&mut self, publisher: bool, number: usize, signal: Signal, words: &str) -> Outcome {
        let happenings = self.happenings.clone();
        if let Some(slot) = self.choose(publisher, number) {
            happenings.note(&slot.name, words);
            slot.signal(signal)?;
        }
        Ok(())
    }

    fn choose(&mut self, publisher: bool, number: usize) -> Option<&mut Slot> {
        let fits = |slot: &&mut Slot| slot.is_publisher() == publisher && slot.child.is_some();
        let mut fitting: Vec<_> = self.slots.iter_mut().filter(fits).collect();
        let count = fitting.len();
        (count > 0).then(|| fitting.swap_remove(number % count))
    }

    /// Nothing crashes from now on, and everybody runs.
    pub(crate) fn calm(&mut self) -> Outcome {
        self.crashes = None;
        for slot in &mut self.slots {
            slot.thaw()?;
            // It may be about to crash.
            slot.kill()?;
            slot.start_at = Instant::now();
        }
        self.tend().map(drop)
    }

    /// Ends every process in order; what does not end well is a violation.
    pub(crate) async fn stop(&mut self) -> Outcome<Vec<Violation>> {
        for slot in &self.slots {
            slot.signal(Signal::TERM)?;
        }
        let deadline = Instant::now() + ENDING;
        let mut violations = Vec::new();
        for slot in &mut self.slots {
            let Some(child) = &mut slot.child else { continue };
            let status = loop {
                match child.try_wait()? {
                    None if Instant::now() < deadline => {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    status => break status,
                }
            };
            if status.is_none_or(|status| !status.success()) {
                let ended = status.map_or("not at all".to_owned(), |status| status.to_string());
                violations.push(Violation::new("a process does not end well", &slot.name, ended));
            }
            slot.kill()?;
        }
        Ok(violations)
    }

    /// Ends every process at once.
    pub(crate) fn kill(&mut self) -> Outcome {
        self.slots.iter_mut().try_for_each(Slot::kill)
    }
}

impl Slot {
    fn is_publisher(&self) -> bool {
        matches!(self.role, Role::Publish(_))
    }

    fn signal(&self, signal: Signal) -> Outcome {
        let Some(child) = &self.child else { return Ok(()) };
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        // It fails for a process that has just ended, which `tend` will see.
        if let Some(pid) = pid {
            let _ = kill_process(pid, signal);
        }
        Ok(())
    }

    fn thaw(&mut self) -> Outcome {
        self.thaw_at = None;
        self.signal(Signal::CONT)
    }

    fn kill(&mut self) -> Outcome {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
