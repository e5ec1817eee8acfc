//! The story of two members, from the mail that welcomes them to a picture that is none.
//!
//! Without `NATS_URL` everything runs on the embedded broker, with it on JetStream.

mod story;
mod tell;

use std::process::ExitCode;

use tidings::{Config, Tidings};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::var_os(EnvFilter::DEFAULT_ENV).is_some() {
        let filter = EnvFilter::from_default_env();
        // A log that nobody reads any more must not make its writers panic.
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .log_internal_errors(false)
            .init();
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let server = std::env::var_os("NATS_URL").is_some_and(|url| !url.is_empty());
    let bus = match server {
        true => Tidings::connect(Config::from_env()?.name("user-profile")).await?,
        false => Tidings::embedded(),
    };
    bus.ensure(&event_catalog::CATALOG).await?;
    let outcome = story::tell(&bus).await;
    let closed = bus.close().await;
    outcome?;
    Ok(closed?)
}
