//! The programs that are binaries of the tests' package: `generate`, and the long ones that kill what they start.

use crate::Outcome;
use crate::command::{cargo, run as run_command};

/// Those that are run by hand, and in a short form by tests.
pub(crate) const LONG: [&str; 4] = ["booking", "faults", "ledger", "load"];

/// Runs one that needs servers, with these arguments.
pub(crate) fn run_long(name: &str, args: &[String]) -> Outcome {
    crate::tools::fetch_all()?;
    run(name, args)
}

/// Runs one with these arguments.
pub(crate) fn run(name: &str, args: &[String]) -> Outcome {
    // Without `--package`, so that it is built with the features that the whole workspace has.
    let mut program = cargo(&["run", "--bin", name]);
    // Its rates are what it is run for.
    if name == "load" {
        program.arg("--release");
    }
    program.arg("--");
    program.args(args);
    run_command(program)
}
