//! What a role has been told and has done: a file to which each line is written as soon as it is true.
//!
//! A line is one write, so a process that is killed leaves every line that it wrote, except perhaps a part of the last.
//! What is promised to somebody is therefore written after it is known, and what may have effects before it is tried.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::topology::Reader;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Entry {
    /// The event is about to be published.
    Begun { id: String },
    /// The stream has it.
    Stored { id: String },
    /// Nobody knows whether the stream has it.
    Unknown { id: String },
    /// The stream does not have it.
    Refused { id: String },
    /// A handler is called with the event.
    Received { reader: Reader, id: String, sequence: u64, attempt: u64 },
    /// A handler is about to answer that it has handled the event.
    Handled { reader: Reader, id: String },
    /// A handler is about to fail, perhaps for the `last` time.
    Failed { reader: Reader, id: String, last: bool },
    /// Somebody is about to terminate a delivery of the event with this sequence.
    Terminated { reader: Reader, sequence: u64 },
    /// The only server has lost everything that it had stored until now.
    Wiped,
}

/// An entry and when it was written, in microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line(pub(crate) u64, pub(crate) Entry);

#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Goes on with a journal, or begins it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        // So that a torn last line of the former process stays alone.
        (&file).write_all(b"\n")?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Writes one line. A process whose journal is lost proves nothing, so it ends.
    pub(crate) fn note(&self, entry: Entry) {
        let written = serde_json::to_string(&Line(now(), entry)).map_err(io::Error::other);
        let written = written.and_then(|line| (&self.file).write_all((line + "\n").as_bytes()));
        if let Err(error) = written {
            eprintln!("the journal {} cannot be written: {error}", self.path.display());
            std::process::exit(2);
        }
    }
}

/// Every whole line of a journal.
pub(crate) fn read(path: &Path) -> io::Result<Vec<Line>> {
    let text = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let lines = text.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
