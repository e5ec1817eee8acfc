//! The story of two members, from the mail that welcomes them to a picture that is none.
//!
//! Without `NATS_URL` everything runs on the embedded broker, with it on JetStream.

mod story;

use std::process::ExitCode;

use event_catalog::CATALOG;
use event_catalog::user_profile::Service;
use sample_program::Connections;
use tidings::Service as _;

#[tokio::main]
async fn main() -> ExitCode {
    sample_program::run(run()).await
}

async fn run() -> anyhow::Result<()> {
    let connections = Connections::from_env("user-profile", &[Service::SPEC]).await?;
    connections.operator().topology(&CATALOG).prepare().await?;
    let outcome = story::tell(connections.of(Service::SPEC), connections.operator()).await;
    let closed = connections.close().await;
    outcome?;
    Ok(closed?)
}
