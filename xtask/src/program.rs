//! The programs that are binaries of the tests' package: `generate`, and the long ones that kill what they start.

use crate::Outcome;
use crate::command::{cargo, run as run_command};

/// Those that are run by hand, and in a short form by tests.
pub(crate) const LONG: [&str; 5] = ["booking", "faults", "ledger", "load", "scale"];

/// Runs one that needs servers, with these arguments.
pub(crate) fn run_long(name: &str, args: &[String]) -> Outcome {
    crate::tools::fetch_all()?;
    run(name, args)
}

/// Runs one with these arguments.
pub(crate) fn run(name: &str, args: &[String]) -> Outcome {
    // Without `--package`, so that it is built with the features that the whole workspace has.
    let mut program = cargo(&["run", "--bin", name]);
    // Their rates are what they are run for.
    if ["load", "scale"].contains(&name) {
        program.arg("--release");
    }
    program.arg("--");
    program.args(args);
    run_command(program)
}
