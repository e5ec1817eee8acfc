//! Compiles the catalog of the integration tests.

fn main() {
    tidings_codegen::build("catalog");
}
