//! Where the crates are that a catalog is built with.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::output::slashed;

/// A folder with the sources of Tidings. It is not on crates.io yet, so catalogs depend on it by path.
pub(super) struct Checkout {
    folder: PathBuf,
}

impl Checkout {
    /// The one that was named.
    pub(super) fn named(folder: &Path) -> Result<Self, Failure> {
        Self::at(folder).ok_or_else(|| {
            Failure::new(format!("`{}` is no checkout of Tidings", slashed(folder)))
                .help("a checkout has the folders `sdk` and `codegen`")
        })
    }

    /// The one that this command was built from.
    pub(super) fn of_this_command() -> Result<Self, Failure> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        own.and_then(Self::at).ok_or_else(|| {
            Failure::new("the checkout of Tidings that this command was built from is gone")
                .help("name another one with `--tidings <FOLDER>`")
                .help("`tidings init --bare` writes the YAML alone, which needs none")
        })
    }

    fn at(folder: &Path) -> Option<Self> {
        let whole =
            ["sdk", "codegen"].iter().all(|part| folder.join(part).join("Cargo.toml").is_file());
        whole.then(|| folder.canonicalize().ok()).flatten().map(|folder| Self { folder })
    }

    /// `Cargo.toml` of a catalog's crate in `from`, an absolute path.
    pub(super) fn manifest(&self, package: &str, from: &Path) -> String {
        let [sdk, codegen] = ["sdk", "codegen"].map(|part| {
            let to = self.folder.join(part);
            let path = pathdiff::diff_paths(&to, real(from)).unwrap_or(to);
            // TOML's basic strings escape as JSON's do.
            Value::from(slashed(&path)).to_string()
        });
        format!(
            "[package]
name = \"{package}\"
version = \"0.1.0\"
edition = \"2024\"
publish = false

[dependencies]
tidings = {{ path = {sdk} }}

[build-dependencies]
tidings-codegen = {{ path = {codegen} }}
"
        )
    }
}

/// A path whose existing part has no links, so that `..` leads where it seems to.
fn real(path: &Path) -> PathBuf {
    for folder in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (folder.canonicalize(), path.strip_prefix(folder)) {
            return real.join(rest);
        }
    }
    path.to_owned()
}

/// The `Cargo.toml` of the workspace that a new crate would be in.
pub(super) fn workspace_around(package: &Path) -> Option<PathBuf> {
    let manifests = package.ancestors().skip(1).map(|folder| folder.join("Cargo.toml"));
    let is_workspace = |manifest: &PathBuf| {
        fs::read_to_string(manifest)
            .is_ok_and(|text| text.lines().any(|line| line.trim_end() == "[workspace]"))
    };
    manifests.filter(is_workspace).map(|path| shortened(&path)).next()
}

/// A path from the current folder.
fn shortened(path: &Path) -> PathBuf {
    let current = std::env::current_dir().ok();
    current.and_then(|current| pathdiff::diff_paths(path, current)).unwrap_or(path.to_owned())
}
