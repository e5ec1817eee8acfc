//! The site in a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tidings_codegen::emit::site;
use tidings_codegen::model::Catalog;

use crate::answer::Answer;
use crate::commands::Outcome;
use crate::failure::Failure;
use crate::file;
use crate::output::slashed;
use crate::report::counted;
use crate::session::Session;

/// What our pages say of themselves: nothing else is removed.
const MARK: &str = "<meta name=\"generator\" content=\"tidings docs\">";

/// Writes what is different, and removes pages of what is not in the catalog any more.
pub(super) fn write(session: &Session, catalog: &Catalog, out: &Path) -> Outcome {
    let files = site::emit(catalog);
    let mut written = 0;
    let mut ours = BTreeSet::new();
    for one in &files {
        let path = out.join(&one.path);
        written += usize::from(file::write(&path, &one.text)?);
        ours.insert(path);
    }
    let removed = remove_others(out, &ours)?;
    let index = slashed(&out.join("index.html"));
    let pages = counted(files.len(), "file");
    let text = if session.is_quiet() {
        String::new()
    } else {
        format!("{index}: {pages}, {written} written, {removed} removed\n")
    };
    let data =
        json!({ "index": index, "files": files.len(), "written": written, "removed": removed });
    Answer::new("docs", text, data).write(session)
}

fn remove_others(out: &Path, ours: &BTreeSet<PathBuf>) -> Result<usize, Failure> {
    let mut removed = 0;
    for folder in ["", "domains", "events", "flows", "services", "streams", "types"] {
        let folder = out.join(folder);
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.map_err(|error| Failure::io("cannot list", &folder, &error))?.path();
            let is_page = path.extension().is_some_and(|extension| extension == "html");
            if !is_page || ours.contains(&path) {
                continue;
            }
            if file::read(&path)?.is_some_and(|text| text.contains(MARK)) {
                fs::remove_file(&path)
                    .map_err(|error| Failure::io("cannot remove", &path, &error))?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}
