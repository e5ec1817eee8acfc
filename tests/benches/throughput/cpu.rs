//! CPU time of processes, where the system tells it.

use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Which process to look at.
#[derive(Clone, Debug)]
pub(crate) enum Process {
    /// This process.
    Own,
    /// Another, by its folder in `/proc`.
    Other(String),
}

impl Process {
    /// The process with this id.
    pub(crate) fn with_id(id: u32) -> Self {
        Self::Other(format!("/proc/{id}"))
    }

    /// The process with this name that this one has started.
    pub(crate) fn child(name: &str) -> Option<Self> {
        let own = std::process::id().to_string();
        let entries = fs::read_dir("/proc").ok()?.flatten();
        let mut folders = entries.filter_map(|entry| entry.path().to_str().map(str::to_owned));
        folders.find(|folder| is_child(folder, name, &own).unwrap_or(false)).map(Self::Other)
    }

    /// What it has used until now, in user and kernel mode.
    pub(crate) fn used(&self) -> Option<Duration> {
        match self {
            Self::Own => Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).ok(),
            Self::Other(folder) => used_by_threads(folder),
        }
    }
}

/// To the nanosecond, as opposed to what `/proc` says of the whole process. Threads that have ended are missing, and those of
/// a server go on.
fn used_by_threads(folder: &str) -> Option<Duration> {
    let threads = fs::read_dir(format!("{folder}/task")).ok()?.flatten();
    threads
        .map(|thread| {
            let scheduled = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            let on_cpu = scheduled.split(' ').next()?.parse().ok()?;
            Some(Duration::from_nanos(on_cpu))
        })
        .sum()
}

fn is_child(folder: &str, name: &str, parent: &str) -> Option<bool> {
    let line = fs::read_to_string(format!("{folder}/stat")).ok()?;
    // The name stands in parentheses and may hold some itself.
    let (head, rest) = line.rsplit_once(") ")?;
    let (_, own_name) = head.split_once('(')?;
    // Behind it come the state and the parent: `proc_pid_stat(5)`.
    Some(own_name == name && rest.split(' ').nth(1) == Some(parent))
}
