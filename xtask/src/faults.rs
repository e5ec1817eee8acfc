//! `faults`, `ledger`, `booking`: the long programs, which are binaries of the tests' package.

use crate::Outcome;
use crate::command::{cargo, run};

/// Those that are run by hand, and in a short form by tests.
pub(crate) const PROGRAMS: [&str; 3] = ["booking", "faults", "ledger"];

/// Runs one with these arguments.
pub(crate) fn run_with(name: &str, args: &[String]) -> Outcome {
    crate::tools::fetch_all()?;
    let mut program = cargo(&["run", "--package", "tidings-tests", "--bin", name, "--"]);
    program.args(args);
    run(program)
}
