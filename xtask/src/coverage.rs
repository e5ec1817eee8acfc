//! `coverage`: how many lines of each file the tests run through.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::command::{cargo, run as run_command, succeeds};

/// Not what is tested: the tests themselves and their servers, what is generated, and this program.
const LEFT_OUT: &str = "(^|/)(tests|target|xtask|benches)/";

/// Runs every test that these arguments select, with a build of its own in `target/llvm-cov-target`.
pub(crate) fn run(args: &[String]) -> Outcome {
    crate::tools::fetch_all()?;
    for (tool, install) in [
        ("llvm-cov", "cargo install cargo-llvm-cov --locked"),
        ("nextest", "cargo install cargo-nextest --locked"),
    ] {
        if !succeeds(cargo(&[tool, "--version"])) {
            return Err(format!("coverage is measured by cargo-{tool}: `{install}`"));
        }
    }
    let mut coverage =
        cargo(&["llvm-cov", "nextest", "--summary-only", "--ignore-filename-regex", LEFT_OUT]);
    if args.is_empty() {
        coverage.arg("--workspace");
    }
    coverage.args(args);
    if let Some(programs) = programs() {
        coverage.env("LLVM_COV", programs.join("llvm-cov"));
        coverage.env("LLVM_PROFDATA", programs.join("llvm-profdata"));
    }
    run_command(coverage)
}

/// Debian's programs that read what this compiler writes. Where they are not, those of `rustup component add llvm-tools` are taken.
fn programs() -> Option<PathBuf> {
    let said = Command::new("rustc").arg("-vV").output().ok()?.stdout;
    let said = String::from_utf8_lossy(&said).into_owned();
    let programs = Path::new("/usr/lib").join(format!("llvm-{}/bin", major(&said)?));
    programs.join("llvm-profdata").is_file().then_some(programs)
}

/// Of `LLVM version: 22.1.2`.
fn major(said: &str) -> Option<&str> {
    let version = said.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    version.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_version_of_the_compilers_llvm_is_read() {
        assert_eq!(major("rustc 1.95.0\nrelease: 1.95.0\nLLVM version: 22.1.2\n"), Some("22"));
        assert_eq!(major("rustc 1.95.0\n"), None);
    }
}
