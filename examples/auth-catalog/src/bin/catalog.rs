//! The product catalog as a process: keeps its copy of the users until it is told to end. Several instances share the work.

use std::path::PathBuf;

use auth_catalog::catalog::{Members, UserSync};
use auth_catalog::platform;
use clap::Parser;
use event_catalog::catalog::UserSync as _;
use tidings::Report;

/// Keeps a copy of the users.
///
/// NATS_URL names the server. It may be away: it is waited for.
#[derive(Parser)]
struct Args {
    /// Keep the users in this SQLite file
    #[arg(long, default_value = "catalog.db", value_name = "PATH")]
    database: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<Report> {
    sample_program::log();
    let args = Args::parse();
    let members = Members::open(Some(&args.database)).await?;
    let bus = platform::connect("catalog").await?;
    bus.connected().await?;
    bus.topology(&event_catalog::CATALOG).prepare().await?;
    eprintln!("keeping {} up to date; Ctrl-C ends it", args.database.display());
    let report = bus.run(UserSync::new(members).subscriber()).await?;
    eprintln!("{} events", report.handled);
    bus.close().await?;
    Ok(report)
}
