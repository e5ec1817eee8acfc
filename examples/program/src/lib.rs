//! What the sample programs have in common, beside what they are samples of: how they begin and end, what they write, and how
//! several services in one process reach the broker.

mod connections;
mod output;
mod running;

use std::pin::Pin;
use std::process::ExitCode;

pub use connections::{Connections, has_server};
pub use output::{heading, say};
pub use running::Running;

use tracing_subscriber::EnvFilter;

/// Runs a program to its end, with its [`log`]. What it fails with is on the standard error, too.
pub fn run<'p>(
    program: impl Future<Output = anyhow::Result<()>> + 'p,
) -> Pin<Box<dyn Future<Output = ExitCode> + 'p>> {
    Box::pin(async {
        log();
        match program.await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::FAILURE
            }
        }
    })
}

/// Writes the log on the standard error, where `RUST_LOG` asks for one.
pub fn log() {
    if std::env::var_os(EnvFilter::DEFAULT_ENV).is_some() {
        let filter = EnvFilter::from_default_env();
        // A log that nobody reads any more must not make its writers panic.
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .log_internal_errors(false)
            .init();
    }
}
