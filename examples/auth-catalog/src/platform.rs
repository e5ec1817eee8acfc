//! What each process of the platform does first.

use anyhow::Context as _;
use sample_program::has_server;
use tidings::{Config, Tidings};

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
