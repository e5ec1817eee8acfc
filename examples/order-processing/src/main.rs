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
mod payments;
mod samples;
mod shop;
mod story;
#[cfg(test)]
mod testing;
mod timeline;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use event_catalog::CATALOG;
use sample_program::{Connections, has_server};

use crate::admin::Admin;
use crate::orders::{Database, Repository};
use crate::shop::Shop;
use crate::timeline::Timeline;

/// Tells what becomes of some orders, or places many.
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
    /// Keep the orders in this SQLite file, or on the PostgreSQL server at this address [default: in memory]
    #[arg(long, value_name = "PATH|URL", env = "DATABASE_URL", hide_env_values = true)]
    database: Option<String>,
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
    sample_program::run(run(Args::parse())).await
}

async fn run(args: Args) -> anyhow::Result<()> {
    const WHAT: &str = "the database cannot be opened";
    let place = args.database.clone().filter(|place| !place.is_empty());
    match place.as_deref().map(|place| place.strip_prefix("sqlite:").unwrap_or(place)) {
        Some(url) if url.starts_with("postgres") && url.contains("://") => {
            run_on(Repository::postgres(url).await.context(WHAT)?, args).await
        }
        path => run_on(Repository::sqlite(path.map(Path::new)).await.context(WHAT)?, args).await,
    }
}

async fn run_on<DB: Database>(repository: Repository<DB>, args: Args) -> anyhow::Result<()> {
    let Args { orders, rate, admin, keys, .. } = args;
    let admin = match admin {
        Some(address) => Some(Admin::listen(address).await?),
        None => None,
    };
    let folder = keys::Folder::open(keys, has_server()).context("there is no place for keys")?;
    let connections = Connections::from_env("order-processing", shop::SERVICES).await?;
    for bus in connections.all() {
        bus.set_keys(folder.keys.clone());
    }
    connections.operator().topology(&CATALOG).prepare().await?;
    let timeline = if orders.is_some() { Timeline::quiet() } else { Timeline::told() };
    let shop = Shop::new(connections, repository, timeline).await?;
    let stays = admin.is_some();
    let work = async {
        match orders {
            Some(count) => load::run(&shop, count, rate, stays).await,
            None => story::tell(&shop, stays).await,
        }
    };
    let serving = async {
        match admin {
            Some(admin) => admin.serve(shop.operator()).await,
            None => std::future::pending().await,
        }
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        outcome = serving => outcome,
    };
    let closed = shop.connections.close().await;
    outcome?;
    Ok(closed?)
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.001..=1e6).contains(&rate) => Ok(rate),
        _ => Err("a rate is a number of orders a second, from 0.001 to 1000000".to_owned()),
    }
}
