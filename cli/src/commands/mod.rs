//! The verbs, each in a file of its own.

mod explain;

use std::process::ExitCode;

use clap::Subcommand;

/// A verb with its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what a diagnostic's code means and what to do about it.
    Explain(explain::Explain),
}

/// How a verb ends: 0 when all is well, 1 when what was checked is not, 2 (an error) when it could not be done.
pub(crate) type Outcome = Result<ExitCode, String>;

pub(crate) fn run(command: Command) -> Outcome {
    match command {
        Command::Explain(explain) => explain.run(),
    }
}
