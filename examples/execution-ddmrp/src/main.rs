//! A few days in a warehouse whose stock is planned by demand, and what becomes of it when the broker stops in the middle.
//!
//! Without `NATS_URL` everything runs on the embedded broker, with it on JetStream.

mod board;
mod broker;
mod report;
mod story;

use std::process::ExitCode;

use clap::Parser;

use crate::broker::Broker;

/// Tells how two services order for each other, stops the broker in the middle of a busy day, and shows that nothing was
/// lost.
///
/// Runs on a broker of its own, or on the NATS server that NATS_URL names. RUST_LOG=tidings=debug shows what the runtime
/// does.
#[derive(Parser)]
struct Args {
    /// Customers' orders on the busy day
    #[arg(long, value_name = "N", default_value_t = 150, value_parser = clap::value_parser!(u64).range(3..))]
    orders: u64,
    /// Run on a nats-server that is started for it, and killed in the middle
    #[arg(long, conflicts_with_all = ["stop", "start"])]
    server: bool,
    /// With NATS_URL: the command that stops the server, such as `docker stop nats`
    #[arg(long, value_name = "COMMAND", requires = "start")]
    stop: Option<String>,
    /// With NATS_URL: the command that starts it again
    #[arg(long, value_name = "COMMAND", requires = "stop")]
    start: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    sample_program::run(run(Args::parse())).await
}

async fn run(args: Args) -> anyhow::Result<()> {
    let (connections, mut broker) = if args.server {
        Broker::own().await?
    } else {
        Broker::from_environment(args.stop.zip(args.start)).await?
    };
    let outcome = story::tell(&connections, &mut broker, args.orders).await;
    let closed = connections.close().await;
    outcome?;
    Ok(closed?)
}
