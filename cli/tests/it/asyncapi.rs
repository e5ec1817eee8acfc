//! AsyncAPI's own parser, and its example documents. `cargo xtask tools` fetches both.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tidings::{Ended, workspace};

const FETCH: &str = "run `cargo xtask tools`, which needs Node.js";

/// Fails where the parser finds an error in one of the documents.
#[track_caller]
pub(crate) fn accepts(documents: &[PathBuf]) {
    let modules = workspace().join("target/tools/asyncapi/node_modules");
    assert!(modules.is_dir(), "AsyncAPI's parser is missing: {FETCH}");
    let mut node = Command::new("node");
    node.arg(workspace().join("tests/asyncapi/validate.cjs")).args(documents);
    node.env("NODE_PATH", modules);
    let found = Ended::of(node).stdout(0);
    let found: BTreeMap<PathBuf, Vec<String>> = serde_json::from_str(&found).expect("JSON");
    assert_eq!(found.len(), documents.len());
    let refused: Vec<_> = found.iter().filter(|(_, errors)| !errors.is_empty()).collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

/// AsyncAPI's examples: of 2.6 and of 3.1.
pub(crate) fn examples() -> Vec<PathBuf> {
    let folder = workspace().join("target/tools/asyncapi-examples");
    assert!(folder.is_dir(), "AsyncAPI's examples are missing: {FETCH}");
    ["2.6", "3.1"].iter().flat_map(|version| documents(&folder.join(version))).collect()
}

/// The documents in a folder, `examples.json` is a list of them.
pub(crate) fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .collect();
    files.retain(|path| path.file_name().is_some_and(|name| name != "examples.json"));
    files.sort();
    files
}

/// Every catalog of the repository that has no mistake.
pub(crate) fn catalogs() -> Vec<PathBuf> {
    let golden = fs::read_dir(workspace().join("codegen/tests/golden")).expect("a folder");
    let golden = golden.map(|entry| entry.expect("an entry").path().join("catalog"));
    let mut catalogs: Vec<PathBuf> = golden.filter(|path| path.is_dir()).collect();
    catalogs.extend(["event-catalog", "tests/catalog"].map(|path| workspace().join(path)));
    catalogs.sort();
    assert!(catalogs.len() > 5, "{catalogs:?}");
    catalogs
}
