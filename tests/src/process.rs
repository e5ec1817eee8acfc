//! What processes have used, where the system tells it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Which process to look at.
#[derive(Clone, Debug)]
pub enum Process {
    /// This process.
    Own,
    /// Another, by its folder in `/proc`.
    Other(String),
}

impl Process {
    /// The process with this id.
    #[must_use]
    pub fn with_id(id: u32) -> Self {
        Self::Other(format!("/proc/{id}"))
    }

    /// The process that this one has started in this folder.
    #[must_use]
    pub fn child_in(folder: &Path) -> Option<Self> {
        let works_there = |child: &String| {
            fs::read_link(format!("{child}/cwd")).is_ok_and(|place| place == folder)
        };
        children().find(works_there).map(Self::Other)
    }

    /// The CPU time that it has used until now, in user and kernel mode.
    #[must_use]
    pub fn used(&self) -> Option<Duration> {
        match self {
            Self::Own => Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).ok(),
            Self::Other(folder) => used_by_threads(folder),
        }
    }

    /// The bytes that it has had written to disks until now, or will have as soon as the system gets to it.
    #[must_use]
    pub fn written(&self) -> Option<u64> {
        let folder = match self {
            Self::Own => "/proc/self",
            Self::Other(folder) => folder,
        };
        let text = fs::read_to_string(format!("{folder}/io")).ok()?;
        text.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok())
    }
}

/// The folders in `/proc` of what this process has started.
fn children() -> impl Iterator<Item = String> {
    let own = std::process::id().to_string();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let folders = entries.filter_map(|entry| entry.path().to_str().map(str::to_owned));
    folders.filter(move |folder| parent(folder).as_deref() == Some(&own))
}

fn parent(folder: &str) -> Option<String> {
    let line = fs::read_to_string(format!("{folder}/stat")).ok()?;
    // Behind the name, which may hold parentheses itself, come the state and the parent: `proc_pid_stat(5)`.
    let (_, rest) = line.rsplit_once(") ")?;
    rest.split(' ').nth(1).map(str::to_owned)
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
