//! The `tidings` command: what can be done with an event catalog, one verb each.

mod commands;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Checks, explains and compares event catalogs.
#[derive(Debug, Parser)]
#[command(name = "tidings", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match commands::run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
