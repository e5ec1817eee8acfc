//! Handlers that book in their transaction, killed at every step of their work, and what the books say afterwards.
//!
//! `booking --rounds 1000 --seed 7 --database postgres` starts a broker, a database and *clerks* (this program again), each of
//! which ends itself as `kill -9` does, at a step and after a delay that the seed determines, until so many have died. Then each
//! event must have been booked once. `docs/inbox.md` says what this proves; a short form is a test.

mod books;
mod clerk;
mod director;

use std::process::ExitCode;

/// What ends the program before its time is shown and is its exit code.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match director::Plan::parse(std::env::args().skip(1)) {
        Ok(Some(plan)) => director::direct(&plan).await,
        Ok(None) => clerk::work().await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
