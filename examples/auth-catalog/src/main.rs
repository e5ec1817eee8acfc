//! The story of two organizations on one platform, from the first account to the last.
//!
//! Without `NATS_URL` everything runs on the embedded broker, with it on JetStream. The binaries `auth` and `catalog` are
//! the two services as processes of their own.

mod samples;
mod story;
mod tell;

use std::process::ExitCode;

use auth_catalog::platform;
use tidings::Tidings;

#[tokio::main]
async fn main() -> ExitCode {
    platform::log();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let bus = if platform::has_server() {
        platform::connect("auth-catalog").await?
    } else {
        Tidings::embedded()
    };
    bus.connected().await?;
    bus.ensure(&event_catalog::CATALOG).await?;
    let outcome = story::tell(&bus).await;
    let closed = bus.close().await;
    outcome?;
    Ok(closed?)
}
