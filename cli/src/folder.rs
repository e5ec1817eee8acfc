//! Finds the catalog.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::output::slashed;

/// The file that a catalog's folder is known by.
const MARK: &str = "catalog.yaml";

/// What a catalog's folder is called in a project.
pub(crate) const USUAL_NAME: &str = "event-catalog";

/// The folder of a catalog, as one would write it from the current folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CatalogFolder {
    path: PathBuf,
}

impl CatalogFolder {
    /// The folder that was named.
    pub(crate) fn named(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(Self { path: path.to_owned() });
        }
        let what = if path.exists() { "is a file" } else { "does not exist" };
        Err(Failure::new(format!("`{}` {what}", slashed(path)))
            .help("`--catalog` and `TIDINGS_CATALOG` name the folder of an event catalog"))
    }

    /// The nearest folder with a catalog: this one, `event-catalog` in it, and the same in each folder above.
    pub(crate) fn nearest() -> Result<Self, Failure> {
        let current = env::current_dir()
            .map_err(|error| Failure::new(format!("there is no current folder: {error}")))?;
        let mut above = PathBuf::new();
        for folder in current.ancestors() {
            for candidate in ["", USUAL_NAME] {
                if folder.join(candidate).join(MARK).is_file() {
                    let path = above.join(candidate);
                    let here = path.as_os_str().is_empty();
                    return Ok(Self { path: if here { PathBuf::from(".") } else { path } });
                }
            }
            above.push("..");
        }
        Err(Failure::new("there is no event catalog here, nor in a folder above")
            .help(format!("a catalog is a folder with a `{MARK}`: `tidings init` makes one"))
            .help("`--catalog <FOLDER>` or `TIDINGS_CATALOG` name one that is elsewhere"))
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What stands before the paths of its files: `event-catalog/`, and nothing in the folder itself.
    pub(crate) fn prefix(&self) -> String {
        match slashed(&self.path).trim_end_matches('/') {
            "." => String::new(),
            shown => format!("{shown}/"),
        }
    }

    /// The project that the catalog belongs to: the folder around `event-catalog`; a folder of another name is a
    /// project of its own.
    pub(crate) fn project(&self) -> PathBuf {
        let usual = |path: &Path| path.file_name().is_some_and(|name| name == USUAL_NAME);
        if usual(&self.path) {
            let around = self.path.parent().map(Path::to_owned).unwrap_or_default();
            return if around.as_os_str().is_empty() { PathBuf::from(".") } else { around };
        }
        match self.path.canonicalize() {
            Ok(real) if usual(&real) => self.path.join(".."),
            _ => self.path.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str) -> CatalogFolder {
        CatalogFolder { path: PathBuf::from(path) }
    }

    #[test]
    fn paths_are_shown_as_one_would_write_them() {
        for (path, prefix) in [
            (".", ""),
            ("./", ""),
            ("event-catalog", "event-catalog/"),
            ("./event-catalog/", "event-catalog/"),
            ("../..", "../../"),
            ("/srv/catalog", "/srv/catalog/"),
            ("/", "/"),
        ] {
            assert_eq!(folder(path).prefix(), prefix, "{path}");
        }
    }

    #[test]
    fn the_project_is_around_the_usual_folder() {
        for (path, project) in [
            ("event-catalog", "."),
            ("../event-catalog", ".."),
            ("shop/event-catalog", "shop"),
            ("shop/events", "shop/events"),
        ] {
            assert_eq!(folder(path).project(), Path::new(project), "{path}");
        }
    }
}
