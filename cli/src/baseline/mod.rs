//! A catalog to compare with: a lock, a folder, or what git has.

mod git;

use std::path::Path;

use tidings_codegen::Compilation;
use tidings_codegen::compat::Snapshot;
use tidings_codegen::compat::lock::{self, Unreadable};

use crate::failure::Failure;
use crate::file;
use crate::folder::CatalogFolder;
use crate::output::slashed;

/// The catalog that a word names: a lock's file, a catalog's folder, or a git reference at which the catalog's own
/// folder is looked up.
pub(crate) fn named(word: &str, folder: &CatalogFolder) -> Result<Snapshot, Failure> {
    let path = Path::new(word);
    if path.is_dir() {
        let compilation = tidings_codegen::compile(path)
            .map_err(|error| Failure::io("cannot read the event catalog in", path, &error))?;
        return understood(&compilation, &format!("in `{}`", slashed(path)));
    }
    if path.is_file() {
        return locked(path)?.ok_or_else(|| Failure::new(format!("`{word}` is gone")));
    }
    let files = git::files(folder.path(), word)?;
    understood(&tidings_codegen::compile_files(files), &format!("at `{word}`"))
}

/// What the lock of a catalog holds; none without a lock.
pub(crate) fn released(folder: &CatalogFolder) -> Result<Option<Snapshot>, Failure> {
    locked(&folder.path().join(lock::FILE_NAME))
}

fn locked(path: &Path) -> Result<Option<Snapshot>, Failure> {
    let Some(text) = file::read(path)? else { return Ok(None) };
    let shown = slashed(path);
    lock::read(&text).map(Some).map_err(|problem| match problem {
        Unreadable::Newer(format) => Failure::new(format!(
            "`{shown}` has the format {format}, which is newer than this command"
        ))
        .help("update `tidings`"),
        Unreadable::Broken(line, problem) => {
            Failure::new(format!("`{shown}` cannot be read: line {line}: {problem}"))
                .help("take it from the last release; only `tidings release` writes it")
        }
    })
}

fn understood(compilation: &Compilation, place: &str) -> Result<Snapshot, Failure> {
    if compilation.is_understood {
        return Ok(Snapshot::of(&compilation.catalog));
    }
    let first = compilation.errors().next().map_or("", |error| error.message.as_str());
    Err(Failure::new(format!(
        "the catalog {place} has mistakes, so nothing can be compared with it"
    ))
    .help(format!("the first one: {first}")))
}
