//! What the catalog writes for people, in a real browser.

mod diagrams;
mod large;
mod site;

use std::path::Path;

use tidings_codegen::emit::site::File;
use tidings_codegen::model::Catalog;
use tidings_codegen::{Compilation, compile, emit};

/// The catalog of the samples.
fn samples() -> Compilation {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../event-catalog");
    let compilation = compile(&folder).expect("a folder");
    assert!(!compilation.has_errors(), "the samples have no mistakes");
    compilation
}

/// The site in a folder, and the address of its first page.
fn written(catalog: &Catalog) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    for File { path, text } in emit::site::emit(catalog) {
        let path = folder.path().join(path);
        tidings_codegen::write::write(&path, &text).expect("a writable file");
    }
    let address = format!("file://{}", folder.path().display());
    (folder, address)
}
