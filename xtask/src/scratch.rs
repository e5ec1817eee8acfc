//! Where tests put their files: in memory, where that has room. A test's server makes dozens of files that live for a second, and on
//! a disk these take half of its time.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Linux' file system in memory.
const MEMORY: &str = "/dev/shm";
/// What its folders there begin with, before the process that made them.
const NAME: &str = "tidings-tests-";
/// KiB: many times what all that runs at once holds.
const ROOM: u64 = 4 << 20;

/// A folder in memory, gone with this unless it is [kept](Self::keep).
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// None where there is too little room, or where somebody has said himself where temporary files go.
    pub(crate) fn in_memory() -> Option<Self> {
        let memory = Path::new(MEMORY);
        remove_left(memory);
        if std::env::var_os("TMPDIR").is_some() || free(memory)? < ROOM {
            return None;
        }
        Self::at(memory.join(format!("{NAME}{}", std::process::id())))
    }

    fn at(folder: PathBuf) -> Option<Self> {
        std::fs::create_dir(&folder).ok()?;
        // A database runs as a user of its own.
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).ok()?;
        Some(Self(folder))
    }

    /// Has a program put its temporary files there.
    pub(crate) fn serve(&self, command: &mut Command) {
        command.env("TMPDIR", &self.0);
    }

    /// Leaves the files of tests that have failed, until tests are run again.
    pub(crate) fn keep(self) {
        // It can be removed like that if it is empty.
        if std::fs::remove_dir(&self.0).is_err() {
            eprintln!("note: what the tests left is in {}", self.0.display());
        }
        std::mem::forget(self);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Servers that tests have killed leave theirs.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Removes what was kept, or was left by a run that somebody has ended.
fn remove_left(memory: &Path) {
    let Ok(folders) = std::fs::read_dir(memory) else { return };
    for folder in folders.flatten() {
        let name = folder.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(NAME));
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists()) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

/// KiB that are free in a file system, as POSIX has `df` tell it.
fn free(folder: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    available(std::str::from_utf8(&output.stdout).ok()?)
}

fn available(table: &str) -> Option<u64> {
    table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_df_is_read() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                     tmpfs 12345678 5678 12340000 1% /dev/shm\n";
        assert_eq!(available(table), Some(12_340_000));
        assert_eq!(available("df: /dev/shm: No such file or directory\n"), None);
    }

    #[test]
    fn a_folder_goes_with_its_owner_unless_it_is_kept() {
        let memory = std::env::temp_dir().join(format!("scratch-{}", std::process::id()));
        std::fs::create_dir(&memory).expect("created");
        // No process has such a number.
        let folder = memory.join(format!("{NAME}0"));
        let made = || {
            let scratch = Scratch::at(folder.clone()).expect("made");
            std::fs::create_dir(folder.join("left-by-a-server")).expect("created");
            scratch
        };
        drop(made());
        assert!(!folder.exists());
        made().keep();
        assert!(folder.exists());
        remove_left(&memory);
        assert!(!folder.exists(), "the next run removes it");
        std::fs::remove_dir(&memory).expect("nothing else is in there");
    }
}
