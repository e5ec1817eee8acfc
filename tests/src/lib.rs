//! What the suites beside this file are compiled against: generated code, under every lint of the workspace.

pub mod busy;
pub mod generated;
pub mod process;
pub mod resident;
mod upcasts;

pub use tidings_test_servers::database;

/// The catalog of the integration tests, from `tests/catalog`.
pub mod catalog {
    include!(concat!(env!("OUT_DIR"), "/event_catalog.rs"));
}

/// What the golden catalogs of the code generator become: it compiles, and without a warning.
pub mod golden {
    macro_rules! golden {
        ($($case:ident),+ $(,)?) => {
            /// Every case, so that a test can hold the list to the folder.
            pub const CASES: &[&str] = &[$(stringify!($case)),+];

            $(
                /// A golden catalog.
                #[deny(warnings, missing_docs)]
                pub mod $case {
                    include!(concat!(
                        env!("CARGO_MANIFEST_DIR"),
                        "/../codegen/tests/golden/",
                        stringify!($case),
                        "/expected.rs"
                    ));
                }
            )+
        };
    }

    golden!(
        aggregates,
        collisions,
        composition,
        constraints,
        encryption,
        environments,
        flows,
        minimal,
        parameters,
        part,
        partitions,
        patterns,
        payloads,
        permissions,
        personal,
        same_name,
        schemas,
        shapes,
        unions,
        versions,
    );
}
