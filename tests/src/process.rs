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

    /// The process with this name that this one has started.
    #[must_use]
    pub fn child(name: &str) -> Option<Self> {
        children().find(|child| child.name == name).map(|child| Self::Other(child.folder))
    }

    /// The process that this one has started in this folder.
    #[must_use]
    pub fn child_in(folder: &Path) -> Option<Self> {
        let works_there = |child: &Child| {
            fs::read_link(format!("{}/cwd", child.folder)).is_ok_and(|place| place == folder)
        };
        children().find(works_there).map(|child| Self::Other(child.folder))
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

/// A process that this one has started.
struct Child {
    folder: String,
    name: String,
}

fn children() -> impl Iterator<Item = Child> {
    let own = std::process::id().to_string();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let folders = entries.filter_map(|entry| entry.path().to_str().map(str::to_owned));
    folders.filter_map(move |folder| Child::of(folder, &own))
}

impl Child {
    fn of(folder: String, parent: &str) -> Option<Self> {
        let line = fs::read_to_string(format!("{folder}/stat")).ok()?;
        // The name stands in parentheses and may hold some itself.
        let (head, rest) = line.rsplit_once(") ")?;
        let (_, name) = head.split_once('(')?;
        // Behind it come the state and the parent: `proc_pid_stat(5)`.
        (rest.split(' ').nth(1) == Some(parent)).then(|| Self { folder, name: name.to_owned() })
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
