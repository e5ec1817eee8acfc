//! `generate`: the pages that are written from the catalog and from the codes of its diagnostics, what operators look
//! at, and what editors know about the catalog's files.

use std::path::Path;

use tidings_codegen::{editor, write};

use crate::Outcome;

const CATALOG: &str = "event-catalog";
const EVENTS: &str = "docs/EVENTS.md";
const OPERATIONS: &str = "docs/operations";
const COMMAND: &str = "docs/cli.md";
const DIAGNOSTICS: &str = "docs/diagnostics.md";

/// What to do about a page that is not what the catalog says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stale {
    Rewrite,
    Refuse,
}

pub(crate) fn run(stale: Stale) -> Outcome {
    let documents = tidings_codegen::documents(Path::new(CATALOG))
        .map_err(|error| format!("`{CATALOG}` cannot be read: {error}"))?;
    if !documents.errors.is_empty() {
        return Err(format!("the catalog has mistakes\n\n{}", documents.errors.join("\n")));
    }
    page(Path::new(EVENTS), &documents.events, stale)?;
    for file in documents.operations {
        page(&Path::new(OPERATIONS).join(file.path), &file.text, stale)?;
    }
    page(Path::new(COMMAND), &tidings_cli::reference(), stale)?;
    page(Path::new(DIAGNOSTICS), &tidings_codegen::reference::page(), stale)?;
    for (path, schema) in editor::files() {
        page(&Path::new(CATALOG).join(path), &schema, stale)?;
    }
    Ok(())
}

fn page(path: &Path, text: &str, stale: Stale) -> Outcome {
    let shown = path.display();
    let failed = |error: std::io::Error| format!("`{shown}`: {error}");
    match stale {
        Stale::Rewrite => {
            if write::write(path, text).map_err(failed)? {
                eprintln!("{shown} is written anew");
            }
            Ok(())
        }
        Stale::Refuse => match write::check(path, text).map_err(failed)? {
            None => Ok(()),
            Some(difference) => {
                Err(format!("`{shown}` is stale: run `cargo xtask generate`\n{difference}"))
            }
        },
    }
}
