//! What has happened in a run, for whoever looks for the cause.

use std::fmt::{self, Display, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::recovery::Interval;

/// Cheap to clone; all clones are one list.
#[derive(Clone, Debug)]
pub(crate) struct Happenings(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    begun: Instant,
    folder: PathBuf,
    file: File,
    all: Mutex<Vec<String>>,
    faults: Mutex<Vec<Interval>>,
}

impl Happenings {
    /// A list that is also written into a file of the folder.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(folder.join("happenings"))?;
        let (begun, folder) = (Instant::now(), folder.to_owned());
        let (all, faults) = (Mutex::default(), Mutex::default());
        Ok(Self(Arc::new(Shared { begun, folder, file, all, faults })))
    }

    pub(crate) fn note(&self, who: &str, what: impl Display) {
        let line = format!("{:9.3} {who}: {what}", self.0.begun.elapsed().as_secs_f64());
        let _ = (&self.0.file).write_all(format!("{line}\n").as_bytes());
        self.0.all.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// A fault of the servers has ended.
    pub(crate) fn ended(&self, fault: Interval) {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// The faults of the servers that have ended.
    pub(crate) fn faults(&self) -> Vec<Interval> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The folder of the run.
    pub(crate) fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The last one that a schedule has brought about.
    pub(crate) fn last(&self) -> String {
        let all = self.0.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.last().cloned().unwrap_or_default()
    }

    /// How many have all of these words.
    pub(crate) fn count(&self, words: &[&str]) -> usize {
        let all = self.0.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|line| words.iter().all(|word| line.contains(word))).count()
    }
}

impl Display for Happenings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("What happened, by seconds:")?;
        let all = self.0.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().try_for_each(|line| f.write_fmt(format_args!("\n{line}")))?;
        f.write_char('\n')
    }
}
