//! `faults`: the long program of faults, which is a binary of the tests' package.

use crate::Outcome;
use crate::command::{cargo, run};

const PROGRAM: [&str; 6] = ["run", "--package", "tidings-tests", "--bin", "faults", "--"];

/// Runs it with these arguments.
pub(crate) fn run_with(args: &[String]) -> Outcome {
    crate::tools::fetch_all()?;
    let mut program = cargo(&PROGRAM);
    program.args(args);
    run(program)
}
