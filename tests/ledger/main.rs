//! A service with an outbox that is killed again and again, and the judgement afterwards.
//!
//! The *director* starts this program in *lives*, each killed at a step that its seed determines, and once more to the end.
//! Then the stream must have what the service has committed: every event of it once, nothing else, each key in order.

mod arguments;
mod crash;
mod director;
mod journal;
mod life;
mod outage;

use std::process::ExitCode;

use self::arguments::Command;

/// What ends the program before its time is shown, and is its exit code.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Command::parse(std::env::args().skip(1)) {
        Ok(Command::Direct(plan)) => director::direct(plan).await,
        Ok(Command::Outage { events }) => outage::run(events).await,
        Ok(Command::Live(life)) => life::live(life).await.map(|()| true),
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
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
