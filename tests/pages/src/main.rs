//! `tidings`, as the package `tidings-cli` builds it.

fn main() -> std::process::ExitCode {
    tidings_cli::run()
}
