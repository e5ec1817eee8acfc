//! Reading and writing files, with errors that name them.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// Writes a file, with the folders that it is in, unless it holds the text already; answers whether it did.
pub(crate) fn write(path: &Path, text: &str) -> Result<bool, Failure> {
    tidings_codegen::write::write(path, text)
        .map_err(|error| Failure::io("cannot write", path, &error))
}

/// The text of a file; none where there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("cannot read", path, &error)),
    }
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| Failure::io("cannot remove", path, &error))
}
