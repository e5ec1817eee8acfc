//! Compiles the YAML of this folder.

fn main() {
    tidings_codegen::build(".");
}
