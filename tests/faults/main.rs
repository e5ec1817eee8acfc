//! A run of publishers and handlers while everything around them dies, and the judgement afterwards.
//!
//! The *director* starts servers, starts this program again in *roles* (publishers and handlers, as processes that can be
//! killed), breaks things by a *schedule* that a seed determines, waits until everything is handled, and holds what the
//! *journals*, the stream and the dead letters say against a *model* of what must be so. `docs/faults.md` is its manual.

mod arguments;
mod director;
mod events;
mod journal;
mod memory;
mod model;
mod recovery;
mod report;
mod roles;
mod schedule;
mod topology;

use std::process::ExitCode;

use self::arguments::Command;

/// What ends a run or a role before its time is shown and is its exit code.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Command::parse(std::env::args().skip(1)) {
        Ok(Command::Direct(plan)) => director::direct(plan).await,
        Ok(Command::Measure(plan)) => memory::measure(&plan).await,
        Ok(Command::Play(role)) => roles::play(role).await.map(|()| true),
        Ok(Command::Help) => {
            print!("{}", arguments::HELP);
            Ok(true)
        }
        Err(error) => Err(error),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", report::with_causes(&*error));
            ExitCode::from(2)
        }
    }
}
