//! A file that is replaced as a whole or stays as it is, whatever happens meanwhile.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file beside the old one, opened with these options, and then gives it the old one's name. It survives a loss
/// of power from then on. One caller at a time.
pub(crate) fn replace(path: &Path, text: &[u8], options: &mut OpenOptions) -> io::Result<()> {
    let fresh = beside(path);
    // One that somebody left behind may have other permissions.
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options.create_new(true).write(true).open(&fresh)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        // The folder of a bare name is where the process is.
        let here = Path::new(".");
        File::open(if folder.as_os_str().is_empty() { here } else { folder })?.sync_all()?;
    }
    Ok(())
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(".new");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whatever_was_left_beside_it() {
        let folder = std::env::temp_dir().join(format!("tidings-file-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&folder).expect("a folder");
        let path = folder.join("place.json");
        fs::write(beside(&path), "half of somethi").expect("left behind");
        for text in ["first", "2"] {
            replace(&path, text.as_bytes(), &mut OpenOptions::new()).expect("replaced");
            assert_eq!(fs::read_to_string(&path).expect("there"), text);
            assert!(!beside(&path).exists());
        }
        assert!(replace(&folder.join("no/such"), b"", &mut OpenOptions::new()).is_err());
        fs::remove_dir_all(folder).expect("removed");
    }
}
