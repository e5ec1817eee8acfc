//! The `tidings` command: what can be done with an event catalog, one verb each.
//!
//! It is thin over `tidings-codegen`: a verb finds the catalog (`folder`), asks codegen, and puts what was found into a
//! `report` that can be shown to people and to machines.

mod answer;
mod arguments;
mod baseline;
mod changes;
mod commands;
mod difference;
mod document;
mod draft;
mod export;
mod failure;
mod file;
mod folder;
mod format;
mod import;
mod online;
mod output;
mod reference;
mod report;
mod schema;
mod session;
mod table;
mod topology;
mod watch;
mod yaml;

pub use reference::reference;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::Arguments;
use output::Output;
use report::Verdict;
use session::Session;

/// Does what the arguments of the process say.
pub fn run() -> ExitCode {
    run_from(std::env::args_os())
}

/// Does what these arguments say, of which the first is the program's name, and answers how it ended: 0 when all is
/// well, 1 when what was checked is not, 2 when it could not be done. Arguments that cannot be read end the process.
pub fn run_from(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Arguments { global, command } = Arguments::parse_from(args);
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

/// The command with its verbs and options.
pub fn command() -> clap::Command {
    Arguments::command()
}
