//! Finds and reads the files of a catalog's folder.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::compat::lock::FILE_NAME;
use crate::content::MAX_BYTES;

/// A file that was found.
pub(crate) struct Loaded {
    /// Relative to the folder, with `/` between its parts.
    pub(crate) path: PathBuf,
    /// Its content, or why it could not be had.
    pub(crate) content: io::Result<Vec<u8>>,
}

/// Marks a folder of what can be made again, such as cargo's `target`: <https://bford.info/cachedir/>.
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// Reads the catalog's lock, and every YAML file of a folder and the folders in it, sorted by path. Hidden ones and caches
/// are left out.
///
/// # Errors
/// Where the folder itself cannot be listed. A file or inner folder that cannot be read is returned as such.
pub(crate) fn load(root: &Path) -> io::Result<Vec<Loaded>> {
    let mut files = Vec::new();
    walk(root, &mut files)?;
    let lock = root.join(FILE_NAME);
    if fs::exists(&lock).unwrap_or(true) {
        files.push(Loaded { path: FILE_NAME.into(), content: fs::read(&lock) });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The files of a folder and of the folders in it. Each is walked once, links after what they may lead to: a link that leads
/// back, or to what was found already, adds nothing.
fn walk(root: &Path, files: &mut Vec<Loaded>) -> io::Result<()> {
    let mut walked = BTreeSet::new();
    let mut folders = VecDeque::from([(root.to_owned(), PathBuf::new())]);
    let mut links = VecDeque::new();
    while let Some((folder, relative)) = folders.pop_front().or_else(|| links.pop_front()) {
        let is_root = relative.as_os_str().is_empty();
        if !is_root && folder.join(CACHE_TAG).is_file() {
            continue;
        }
        let entries = fs::canonicalize(&folder)
            .and_then(|real| if walked.insert(real) { entries(&folder) } else { Ok(Vec::new()) });
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) if is_root => return Err(error),
            Err(error) => {
                files.push(Loaded { path: relative, content: Err(error) });
                continue;
            }
        };
        for path in entries {
            let Some(name) = path.file_name().filter(|name| !is_hidden(name)) else { continue };
            let relative = relative.join(name);
            // Follows links, unlike what is asked of the link itself.
            if path.is_dir() {
                let queue = if path.is_symlink() { &mut links } else { &mut folders };
                queue.push_back((path, relative));
            } else if path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml") {
                files.push(Loaded { path: relative, content: read(&path) });
            }
        }
    }
    Ok(())
}

/// What is in a folder, sorted.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn is_hidden(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with('.')
}

/// Reads a file, of a large one a little more than is allowed.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        // A pipe may never end, or never begin.
        return Err(io::Error::other("it is no regular file"));
    }
    let mut content = Vec::new();
    fs::File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;
    use std::path::Path;

    use super::load;

    #[test]
    fn caches_are_left_out() -> io::Result<()> {
        let root = std::env::temp_dir().join(format!("tidings-caches-{}", std::process::id()));
        fs::create_dir_all(root.join("target/package"))?;
        fs::create_dir_all(root.join("orders"))?;
        for file in ["catalog.yaml", "orders/domain.yaml", "target/package/domain.yaml"] {
            fs::write(root.join(file), "domain: orders\n")?;
        }
        fs::write(root.join("target/CACHEDIR.TAG"), "")?;

        let files = load(&root)?;
        fs::remove_dir_all(&root)?;

        let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
        assert_eq!(paths, [Path::new("catalog.yaml"), Path::new("orders/domain.yaml")]);
        Ok(())
    }
}
