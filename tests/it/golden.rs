//! The golden outputs of the code generator are compiled as modules of this package.

use std::path::Path;

#[test]
fn every_golden_output_is_compiled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/tests/golden");
    let mut cases: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    cases.sort();
    assert_eq!(tidings_tests::golden::CASES, cases, "list the case in tests/src/lib.rs");
}
