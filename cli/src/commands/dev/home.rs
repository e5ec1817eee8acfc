//! Where a local server keeps what it holds.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::output::slashed;

/// The folder of a server. No two servers have one at a time.
#[derive(Debug)]
pub(super) struct Home {
    folder: PathBuf,
    is_fresh: bool,
    /// Locked while the server runs.
    _lock: File,
}

impl Home {
    /// A folder that was named.
    pub(super) fn at(folder: &Path) -> Result<Self, Failure> {
        Self::open(folder.to_owned(), false)
    }

    /// The one of a catalog.
    pub(super) fn of(catalog: &str) -> Result<Self, Failure> {
        let state = user_folder("XDG_STATE_HOME", ".local/state")?;
        Self::open(state.join("tidings").join(catalog), false)
    }

    /// One that is gone afterwards.
    pub(super) fn fresh() -> Result<Self, Failure> {
        let name = format!("tidings-dev-{}", std::process::id());
        Self::open(std::env::temp_dir().join(name), true)
    }

    fn open(folder: PathBuf, is_fresh: bool) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::io("cannot use", &folder, &error);
        fs::create_dir_all(&folder).map_err(failed)?;
        let lock = File::create(folder.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, is_fresh, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(Failure::new(format!("another server runs in `{}`", slashed(&folder)))
                    .help("`--fresh` or `--store <FOLDER>` gives this one a folder of its own"))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Where JetStream keeps its messages.
    pub(super) fn store(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Where the server writes what it has to say.
    pub(super) fn log_path(&self) -> PathBuf {
        self.folder.join("nats-server.log")
    }

    pub(super) fn log(&self) -> String {
        slashed(&self.log_path())
    }

    pub(super) fn shown(&self) -> String {
        slashed(&self.folder)
    }

    /// The last lines that the server has written.
    pub(super) fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n    ")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.is_fresh {
            // What cannot be removed is in the system's folder for such things.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A folder of the user's: the one that a variable names, or one below `HOME`.
pub(super) fn user_folder(variable: &str, below: &str) -> Result<PathBuf, Failure> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set(variable).or_else(|| Some(set("HOME")?.join(below))).ok_or_else(|| {
        Failure::new(format!(
            "there is no folder of the user's: neither `{variable}` nor `HOME` is set"
        ))
    })
}
