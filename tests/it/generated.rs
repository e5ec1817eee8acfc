//! What is written from the catalog says what the catalog says.

use tidings_tests::generated;

#[test]
fn generated_files_are_fresh() {
    let files = generated::files().expect("a catalog without mistakes");
    let stale = files.iter().filter_map(|file| file.stale().expect("a readable file"));
    let stale: Vec<_> = stale.collect();
    assert!(stale.is_empty(), "run `cargo xtask generate`\n{}", stale.join("\n"));
}
