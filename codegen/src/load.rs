//! Finds and reads the files of a catalog's folder.

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

/// Folders below folders below …: deeper than any catalog.
const MAX_DEPTH: usize = 32;

/// Marks a folder of what can be made again, such as cargo's `target`: <https://bford.info/cachedir/>.
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// Reads the catalog's lock, and every YAML file of a folder and the folders in it, sorted by path. Hidden ones and caches
/// are left out.
///
/// # Errors
/// Where the folder itself cannot be listed. A file or inner folder that cannot be read is returned as such.
pub(crate) fn load(root: &Path) -> io::Result<Vec<Loaded>> {
    let mut files = Vec::new();
    let mut trail = vec![fs::canonicalize(root)?];
    walk(root, &PathBuf::new(), &mut trail, &mut files)?;
    let lock = root.join(FILE_NAME);
    if fs::exists(&lock).unwrap_or(true) {
        files.push(Loaded { path: FILE_NAME.into(), content: fs::read(&lock) });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// `trail` holds the real folders from the root down: a link that leads back into it is not followed.
fn walk(
    folder: &Path,
    relative: &Path,
    trail: &mut Vec<PathBuf>,
    files: &mut Vec<Loaded>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let (path, relative) = (entry.path(), relative.join(&name));
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        // Follows links, unlike the entry's own file type.
        let is_folder = fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder {
            if path.join(CACHE_TAG).is_file() {
                continue;
            }
            let real = fs::canonicalize(&path)?;
            if trail.contains(&real) || trail.len() > MAX_DEPTH {
                continue;
            }
            trail.push(real);
            let walked = walk(&path, &relative, trail, files);
            trail.pop();
            if let Err(error) = walked {
                files.push(Loaded { path: relative, content: Err(error) });
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            files.push(Loaded { path: relative, content: read(&path) });
        }
    }
    Ok(())
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
