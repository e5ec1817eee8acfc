//! Events under load: published from here, handled in several processes, each verified, and what that took as a table.
//!
//! The *director* starts a server unless `NATS_URL` names one, starts this program again as *instances*, publishes as fast
//! as it goes and then at a steady rate, and reads from the instances' databases what has become of each event. Or it has one
//! process handle at full speed, and looks at its memory.
//! `docs/performance.md` says how to read it.

mod arguments;
mod director;
mod figures;
mod full_speed;
mod instance;
mod instances;
mod report;

use std::error::Error;
use std::process::ExitCode;

use self::arguments::Command;

/// What ends the program before its time is shown, and is its exit code.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Command::parse(std::env::args().skip(1)) {
        Ok(Command::Direct(plan)) => director::direct(plan).await,
        Ok(Command::FullSpeed(plan)) => full_speed::direct(&plan).await,
        Ok(Command::Count) => full_speed::count().await.map(|()| true),
        Ok(Command::Handle(database)) => instance::run(&database).await.map(|()| true),
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
