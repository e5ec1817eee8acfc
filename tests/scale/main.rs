//! How throughput grows with processes, streams, partitions and copies, and what a rate takes that this machine does not reach.
//!
//! The *director* starts one server and a cluster of three, starts this program again as *actors* that publish and handle, and
//! measures what they and the servers use for an event, by [shape](ground::Shape). It kills leaders, and looks how long
//! nothing goes on. From these [costs](model::Costs), and from assumptions that anybody can change, the *model* computes what a
//! rate takes. `docs/performance.md` says how to read it.

mod actor;
mod arguments;
mod director;
mod failover;
mod figures;
mod ground;
mod model;
mod report;
mod role;
mod servers;
mod topology;

use std::error::Error;
use std::process::ExitCode;

use self::arguments::Command;

/// What ends the program before its time is shown, and is its exit code.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Command::parse(std::env::args().skip(1)) {
        Ok(Command::Measure(plan)) => director::measure(&plan).await,
        Ok(Command::Model(plan)) => model::print(&plan),
        Ok(Command::Play(role)) => role.play().await,
        Ok(Command::Help) => {
            print!("{}", arguments::HELP);
            Ok(())
        }
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
