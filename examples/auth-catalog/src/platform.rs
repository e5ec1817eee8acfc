//! What each process of the platform does first.

use anyhow::Context as _;
use tidings::{Config, Tidings};
use tracing_subscriber::EnvFilter;

/// Writes the log where `RUST_LOG` asks for one.
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

/// Whether `NATS_URL` names a server.
pub fn has_server() -> bool {
    std::env::var_os("NATS_URL").is_some_and(|url| !url.is_empty())
}

/// The server that `NATS_URL` names, which may be away: it is looked for as long as the process lives.
///
/// # Errors
/// The environment says something that makes no sense.
pub async fn connect(name: &str) -> anyhow::Result<Tidings> {
    anyhow::ensure!(
        has_server(),
        "two processes need a server between them: set NATS_URL, or run the story, which needs none"
    );
    let config = Config::from_env()?.name(name).lazy();
    Tidings::connect(config).await.context("the broker cannot be used")
}
