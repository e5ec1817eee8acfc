//! The `tidings` command: what can be done with an event catalog, one verb each.
//!
//! It is thin over `tidings-codegen`: a verb finds the catalog ([`folder`]), asks codegen, and puts what was found into a
//! [`report`] that can be shown to people and to machines.

mod answer;
mod arguments;
mod commands;
mod difference;
mod failure;
mod file;
mod folder;
mod format;
mod output;
mod report;
mod session;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::Arguments;
use output::Output;
use report::Verdict;
use session::Session;

/// Reads the arguments of the process, does what they say, and answers how it ended: 0 when all is well, 1 when what
/// was checked is not, 2 when it could not be done.
pub fn run() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    global.color.write_global();
    let session = Session::new(global, Output::default());
    match command.run(&session) {
        Ok(Verdict::Passed) => ExitCode::SUCCESS,
        Ok(Verdict::Failed) => ExitCode::from(1),
        Err(failure) => {
            output::complain(&failure.to_string());
            ExitCode::from(2)
        }
    }
}

/// The command with its verbs and options, for those who write its documentation.
pub fn command() -> clap::Command {
    Arguments::command()
}
