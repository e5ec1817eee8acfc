//! Finds and reads the files of a catalog's folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file that was found.
pub(crate) struct Loaded {
    /// Relative to the folder, with `/` between its parts.
    pub(crate) path: PathBuf,
    /// Its content, or why it could not be had.
    pub(crate) content: io::Result<Vec<u8>>,
}

/// Folders below folders below …: deeper than any catalog.
const MAX_DEPTH: usize = 32;

/// Reads every YAML file of a folder and the folders in it, sorted by path. Hidden ones are left out.
///
/// # Errors
/// Where the folder itself cannot be listed. A file or inner folder that cannot be read is returned as such.
pub(crate) fn load(root: &Path) -> io::Result<Vec<Loaded>> {
    let mut files = Vec::new();
    let mut trail = vec![fs::canonicalize(root)?];
    walk(root, &PathBuf::new(), &mut trail, &mut files)?;
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
            files.push(Loaded { path: relative, content: fs::read(&path) });
        }
    }
    Ok(())
}
