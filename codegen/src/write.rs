//! Files that are written only where they change.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Writes the file unless it holds the text already; returns whether it was written.
///
/// # Errors
/// The file cannot be read or written.
pub fn write(path: &Path, text: &str) -> io::Result<bool> {
    if read(path)?.as_deref() == Some(text.as_bytes()) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    Ok(true)
}

/// Says where the file differs from the text; nothing where it does not.
///
/// # Errors
/// The file cannot be read, though it is there.
pub fn check(path: &Path, text: &str) -> io::Result<Option<Stale>> {
    let Some(found) = read(path)? else { return Ok(Some(Stale::missing(text))) };
    let found = String::from_utf8_lossy(&found);
    Ok((found != text).then(|| Stale::between(&found, text)))
}

/// The Rust in a folder, apart from what is in folders there; nothing where there is no such folder.
///
/// # Errors
/// The folder cannot be listed.
pub fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "rs") && path.is_file());
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first line in which a file is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Its number, counted from 1.
    pub line: usize,
    /// What stands there; none after the file's end.
    pub found: Option<String>,
    /// What should; none where the file should end.
    pub expected: Option<String>,
}

impl Stale {
    fn missing(text: &str) -> Self {
        Self { line: 1, found: None, expected: text.lines().next().map(str::to_owned) }
    }

    fn between(found: &str, expected: &str) -> Self {
        // With their ends, so that a line break too many or too few is a difference.
        let mut found = found.split_inclusive('\n');
        let mut expected = expected.split_inclusive('\n');
        for line in 1.. {
            match (found.next(), expected.next()) {
                (Some(left), Some(right)) if left == right => {}
                (found, expected) => {
                    let [found, expected] = [found, expected].map(|line| line.map(str::to_owned));
                    return Self { line, found, expected };
                }
            }
        }
        Self { line: 0, found: None, expected: None }
    }
}

impl std::fmt::Display for Stale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let show = |line: &Option<String>| match line {
            Some(line) => line.trim_end().to_owned(),
            None => "(end of file)".to_owned(),
        };
        writeln!(f, "line {}:", self.line)?;
        writeln!(f, "- {}", show(&self.found))?;
        write!(f, "+ {}", show(&self.expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_found() {
        for (found, expected, line) in [
            ("a\nb\n", "a\nc\n", 2),
            ("a\n", "a\nb\n", 2),
            ("a\nb\n", "a\n", 2),
            ("a", "a\n", 1),
            ("", "a\n", 1),
        ] {
            assert_eq!(Stale::between(found, expected).line, line, "{found:?} {expected:?}");
        }
    }

    #[test]
    fn only_rust_is_listed() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("tidings-listed-{}", std::process::id()));
        assert_eq!(rust_files(&folder)?, Vec::<PathBuf>::new());
        for name in ["orders.rs", "billing.rs", "notes.txt"] {
            write(&folder.join(name), "")?;
        }
        let listed = rust_files(&folder);
        fs::remove_dir_all(&folder)?;
        assert_eq!(listed?, [folder.join("billing.rs"), folder.join("orders.rs")]);
        Ok(())
    }

    #[test]
    fn a_file_is_written_once() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("tidings-write-{}", std::process::id()));
        let path = folder.join("deep/EVENTS.md");
        assert_eq!(check(&path, "a\n")?.map(|stale| stale.line), Some(1));
        assert!(write(&path, "a\n")?);
        assert!(!write(&path, "a\n")?);
        assert_eq!(check(&path, "a\n")?, None);
        assert!(check(&path, "b\n")?.is_some());
        fs::remove_dir_all(folder)
    }
}
