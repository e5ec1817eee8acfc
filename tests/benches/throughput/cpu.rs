//! CPU time of processes, where the system tells it in `/proc`.

use std::fs;
use std::time::Duration;

/// The unit of `/proc/<pid>/stat`: 100 a second on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// Which process to look at.
#[derive(Clone, Debug)]
pub(crate) struct Process(String);

impl Process {
    /// This process.
    pub(crate) fn own() -> Self {
        Self("self".to_owned())
    }

    /// The process with this name that this one has started.
    pub(crate) fn child(name: &str) -> Option<Self> {
        let own = std::process::id().to_string();
        let entries = fs::read_dir("/proc").ok()?.flatten();
        let mut ids = entries.filter_map(|entry| entry.file_name().into_string().ok());
        ids.find(|id| {
            Stat::read(id).is_some_and(|stat| stat.name == name && stat.field(4) == Some(&*own))
        })
        .map(Self)
    }

    /// What it has used until now, in user and kernel mode.
    pub(crate) fn used(&self) -> Option<Duration> {
        let stat = Stat::read(&self.0)?;
        let ticks = |number| stat.field(number)?.parse::<u32>().ok();
        Some(TICK * (ticks(14)? + ticks(15)?))
    }
}

/// A process's line in `/proc`.
struct Stat {
    name: String,
    rest: String,
}

impl Stat {
    fn read(id: &str) -> Option<Self> {
        let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name stands in parentheses and may hold some itself.
        let (head, rest) = line.rsplit_once(") ")?;
        let (_, name) = head.split_once('(')?;
        Some(Self { name: name.to_owned(), rest: rest.to_owned() })
    }

    /// A field behind the name, by its number in `proc_pid_stat(5)`.
    fn field(&self, number: usize) -> Option<&str> {
        self.rest.split(' ').nth(number.checked_sub(3)?)
    }
}
