//! `recording`: what a reader of README sees of the first command, as it really went: run, timed and drawn.

mod picture;
mod terminal;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::command::{cargo, run, shown};
use terminal::Line;

/// The program whose story is told.
const PROGRAM: &str = "order-processing";
/// Where the picture is, which README shows.
const FILE: &str = "docs/recording.svg";

/// A line, and when it was said.
struct Said {
    after: Duration,
    line: Line,
}

/// Runs the program and writes the picture.
pub(crate) fn record() -> Outcome {
    // Without `--package`, so that it is built with the features that the whole workspace has.
    run(cargo(&["build", "--bin", PROGRAM]))?;
    let mut command = cargo(&["run", "--quiet", "--bin", PROGRAM]);
    // On the broker inside the process, and in color although nobody watches.
    command.env_remove("NATS_URL").env_remove("DATABASE_URL").env_remove("RUST_LOG");
    command.env("CLICOLOR_FORCE", "1").stdout(Stdio::piped());
    let line = shown(&command);
    eprintln!("\n$ {line}");
    let failed = |error| format!("cannot run `{line}`: {error}");
    let mut program = command.spawn().map_err(failed)?;
    let Some(stdout) = program.stdout.take() else { return Err("there is no output".to_owned()) };
    let (begun, mut said) = (Instant::now(), Vec::new());
    for line in BufReader::new(stdout).lines() {
        let line = Line::read(&line.map_err(|error| error.to_string())?);
        said.push(Said { after: begun.elapsed(), line });
    }
    let status = program.wait().map_err(failed)?;
    if !status.success() {
        return Err(format!("`{line}` failed ({status})"));
    }
    let picture = picture::draw(&format!("cargo run -p {PROGRAM}"), &said);
    fs::write(FILE, picture).map_err(|error| format!("{FILE}: {error}"))?;
    eprintln!("{} lines in {FILE}", said.len());
    Ok(())
}
