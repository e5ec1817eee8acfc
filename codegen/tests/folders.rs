//! What of a folder belongs to the catalog.
#![cfg(unix)]

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tidings_codegen::diagnostic::Diagnostic;

/// A new folder for the catalog of a test.
fn folder(name: &str) -> io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    fs::create_dir_all(&root)?;
    fs::write(root.join("catalog.yaml"), "catalog: shop\n")?;
    Ok(root)
}

/// The files that something is wrong with, and what.
fn findings(root: &Path) -> io::Result<Vec<String>> {
    let compilation = tidings_codegen::compile(root)?;
    let found = compilation.diagnostics.iter();
    let path = |one: &Diagnostic| compilation.sources.path(one.span()).display().to_string();
    Ok(found.map(|one| format!("{} {} {}", path(one), one.code, one.message)).collect())
}

#[test]
fn a_huge_file_is_refused_and_not_read_to_its_end() -> io::Result<()> {
    let root = folder("catalog-with-a-huge-file")?;
    fs::write(root.join("large.yaml"), "# more\n".repeat(10 << 20 >> 3))?;
    // A file of a terabyte, which takes no place on the disk.
    fs::File::create(root.join("sparse.yaml"))?.set_len(1 << 40)?;
    let expected = ["large.yaml", "sparse.yaml"]
        .map(|path| format!("{path} T001 this file is larger than 1 MiB"));
    assert_eq!(findings(&root)?, expected);
    Ok(())
}

#[test]
fn what_is_no_file_is_not_waited_for() -> io::Result<()> {
    let root = folder("catalog-with-a-device")?;
    symlink("/dev/zero", root.join("zero.yaml"))?;
    assert_eq!(
        findings(&root)?,
        ["zero.yaml T001 this file cannot be read: it is no regular file"]
    );
    Ok(())
}

#[test]
fn a_folder_may_be_named_like_a_file() -> io::Result<()> {
    let root = folder("catalog-with-a-folder-named-like-a-file")?;
    fs::create_dir(root.join("orders.yaml"))?;
    fs::write(root.join("orders.yaml/domain.yml"), "domain: orders\n")?;
    let compilation = tidings_codegen::compile(&root)?;
    assert_eq!(compilation.diagnostics, []);
    assert_eq!(compilation.catalog.domains.len(), 1);
    Ok(())
}

/// Folders that all link to each other have more paths than anyone could walk.
#[test]
fn each_folder_is_walked_once() -> io::Result<()> {
    let root = folder("catalog-with-a-web-of-links")?;
    let names: Vec<String> = (0..12).map(|number| format!("d{number}")).collect();
    for name in &names {
        fs::create_dir(root.join(name))?;
        fs::write(root.join(name).join("domain.yaml"), format!("domain: {name}\n"))?;
        for other in names.iter().filter(|other| *other != name) {
            symlink(root.join(other), root.join(name).join(other))?;
        }
    }
    let compilation = tidings_codegen::compile(&root)?;
    assert_eq!(compilation.diagnostics, []);
    assert_eq!(compilation.catalog.domains.len(), names.len());
    Ok(())
}

#[test]
fn very_many_findings_are_counted() -> io::Result<()> {
    let root = folder("catalog-with-very-many-mistakes")?;
    let keys: String = (0..10_000).map(|number| format!("key{number}: 1\n")).collect();
    fs::write(root.join("domain.yaml"), format!("domain: orders\n{keys}"))?;
    let compilation = tidings_codegen::compile(&root)?;
    assert_eq!(compilation.diagnostics.len(), 100);
    let last = compilation.diagnostics.last().and_then(|one| one.help.last());
    let expected = "9900 more findings in this file are not shown";
    assert_eq!(last.map(String::as_str), Some(expected));
    Ok(())
}

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
