//! An order's way through five services, told as a timeline.
//!
//! Without `NATS_URL` everything runs on the embedded broker, with it on JetStream.

mod admin;
mod flow;
mod history;
mod inventory;
mod keys;
mod load;
mod money;
mod notifications;
mod order_book;
mod orders;
mod output;
mod payments;
mod samples;
mod services;
mod story;
mod timeline;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use tidings::outbox::SqliteOutbox;
use tidings::{Config, Tidings};
use tracing_subscriber::EnvFilter;

use crate::admin::Admin;
use crate::orders::Repository;

/// Tells what becomes of three orders, or places many.
///
/// Runs on a broker of its own, or on the NATS server that NATS_URL names. RUST_LOG=tidings=debug shows what the
/// runtime does.
#[derive(Parser)]
struct Args {
    /// Place this many orders instead, and sum up what became of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    orders: Option<u64>,
    /// Orders to place a second [default: as many as are taken]
    #[arg(long, value_name = "R", requires = "orders", value_parser = rate)]
    rate: Option<f64>,
    /// Keep the orders in this SQLite file [default: in memory]
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,
    /// Serve health, figures, dead letters and a page for operators at this address, and stay until Ctrl-C
    #[arg(long, value_name = "ADDR")]
    admin: Option<SocketAddr>,
    /// Keep the shop's keys in this directory [default: with a server order-processing.keys, else one that is gone at
    /// the end]
    #[arg(long, value_name = "PATH")]
    keys: Option<PathBuf>,
}

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
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> anyhow::Result<()> {
    let admin = match args.admin {
        Some(address) => Some(Admin::listen(address).await?),
        None => None,
    };
    let stays = admin.is_some();
    let repository = Repository::open(args.database.as_deref()).await;
    let repository = repository.context("the database cannot be opened")?;
    let outbox = SqliteOutbox::new(repository.pool().clone());
    outbox.migrate().await?;
    let server = server();
    let folder = keys::Folder::open(args.keys, server).context("there is no place for keys")?;
    let bus = connect(server).await?;
    bus.set_keys(folder.keys.clone());
    bus.ensure(&event_catalog::CATALOG).await?;
    let work = async {
        match args.orders {
            Some(count) => load::run(&bus, &repository, &outbox, count, args.rate, stays).await,
            None => story::tell(&bus, &repository, &outbox, stays).await,
        }
    };
    let serving = async {
        match admin {
            Some(admin) => admin.serve(&bus).await,
            None => std::future::pending().await,
        }
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        outcome = serving => outcome,
    };
    let closed = bus.close().await;
    outcome?;
    Ok(closed?)
}

/// Whether a server is named.
fn server() -> bool {
    std::env::var_os("NATS_URL").is_some_and(|url| !url.is_empty())
}

async fn connect(server: bool) -> anyhow::Result<Tidings> {
    if !server {
        return Ok(Tidings::embedded());
    }
    let config = Config::from_env()?.name("order-processing");
    Ok(Tidings::connect(config).await?)
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.001..=1e6).contains(&rate) => Ok(rate),
        _ => Err("a rate is a number of orders a second, from 0.001 to 1000000".to_owned()),
    }
}
