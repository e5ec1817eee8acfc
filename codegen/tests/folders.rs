//! What of a folder belongs to the catalog.
#![cfg(unix)]

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn hidden_files_and_links_in_a_ring_are_left_out() -> io::Result<()> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("catalog-with-links");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    fs::create_dir_all(root.join("orders"))?;
    fs::write(root.join("catalog.yaml"), "catalog: shop\n")?;
    fs::write(root.join("orders/domain.yml"), "domain: orders\n")?;
    fs::write(root.join("orders/.domain.yaml"), "domain: orders\n")?;
    fs::write(root.join("notes.md"), "domain: orders\n")?;
    symlink(&root, root.join("orders/again"))?;
    symlink(root.join("nowhere.yaml"), root.join("broken.yaml"))?;

    let compilation = tidings_codegen::compile(&root)?;

    assert_eq!(compilation.catalog.domains.keys().collect::<Vec<_>>(), ["orders"]);
    let found: Vec<String> = compilation
        .diagnostics
        .iter()
        .map(|one| format!("{} {}", compilation.sources.path(one.span()).display(), one.code))
        .collect();
    assert_eq!(found, ["broken.yaml T001"]);
    Ok(())
}
