//! The story of two organizations on one platform, from the first account to the last.
//!
//! Without `NATS_URL` everything runs on the embedded broker, with it on JetStream. The binaries `auth` and `catalog` are
//! the two services as processes of their own.

mod samples;
mod story;

use std::process::ExitCode;

use event_catalog::{CATALOG, auth, catalog};
use sample_program::Connections;
use tidings::Service as _;

#[tokio::main]
async fn main() -> ExitCode {
    sample_program::run(run()).await
}

async fn run() -> anyhow::Result<()> {
    let services = [auth::Service::SPEC, catalog::Service::SPEC];
    let connections = Connections::from_env("auth-catalog", &services).await?;
    connections.operator().topology(&CATALOG).prepare().await?;
    let outcome = story::tell(&connections).await;
    let closed = connections.close().await;
    outcome?;
    Ok(closed?)
}
