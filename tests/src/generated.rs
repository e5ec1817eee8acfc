//! The files of this repository that are written from its catalog, from the codes of diagnostics and from the command's help.

use std::path::{Path, PathBuf};

use tidings_codegen::{editor, write};

const CATALOG: &str = "event-catalog";
const EVENTS: &str = "docs/EVENTS.md";
const OPERATIONS: &str = "docs/operations";
const COMMAND: &str = "docs/cli.md";
const DIAGNOSTICS: &str = "docs/diagnostics.md";

/// A file's place under the repository's root, and what it must say.
pub struct Generated {
    path: PathBuf,
    text: String,
}

/// Every such file.
///
/// # Errors
/// The catalog cannot be read, or has mistakes.
pub fn files() -> Result<Vec<Generated>, String> {
    let documents = tidings_codegen::documents(&root().join(CATALOG))
        .map_err(|error| format!("`{CATALOG}` cannot be read: {error}"))?;
    if !documents.errors.is_empty() {
        return Err(format!("the catalog has mistakes\n\n{}", documents.errors.join("\n")));
    }
    let mut files = vec![
        Generated { path: EVENTS.into(), text: documents.events },
        Generated { path: COMMAND.into(), text: tidings_cli::reference() },
        Generated { path: DIAGNOSTICS.into(), text: tidings_codegen::reference::page() },
    ];
    let operations = documents.operations.into_iter();
    files.extend(
        operations
            .map(|file| Generated { path: Path::new(OPERATIONS).join(file.path), text: file.text }),
    );
    let editors = editor::files().into_iter();
    files.extend(
        editors.map(|(path, text)| Generated { path: Path::new(CATALOG).join(path), text }),
    );
    Ok(files)
}

impl Generated {
    /// Writes the file if it says something else, and says so.
    ///
    /// # Errors
    /// The file cannot be written; the text names it.
    pub fn write(&self) -> Result<bool, String> {
        write::write(&root().join(&self.path), &self.text).map_err(|error| self.failed(&error))
    }

    /// What is wrong with the file as it is, if anything.
    ///
    /// # Errors
    /// The file cannot be read; the text names it.
    pub fn stale(&self) -> Result<Option<String>, String> {
        let stale = write::check(&root().join(&self.path), &self.text);
        let stale = stale.map_err(|error| self.failed(&error))?;
        Ok(stale.map(|difference| format!("`{}` is stale\n{difference}", self.path.display())))
    }

    /// Where it is under the repository's root.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, error: &std::io::Error) -> String {
        format!("`{}`: {error}", self.path.display())
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(""))
}
