//! Gives services their lives, and judges what they have left.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use sqlx::{Connection as _, PgConnection, Pool, Sqlite};
use tidings::testing::NatsServer;
use tidings::{Config, Handled, Subscription as _, Tidings};
use tidings_tests::catalog::{CATALOG, parcels, tracking};
use tidings_tests::database::Postgres;
use tokio::process::Command;

use super::Outcome;
use super::arguments::Plan;
use super::journal::Journal;

/// Lives of a service that end before their time.
const LIVES: u64 = 3;
/// Longer than a life takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// The steps of each parcel.
pub(crate) type Steps = BTreeMap<String, Vec<u64>>;

pub(crate) async fn direct(plan: Plan) -> Outcome<bool> {
    let server = NatsServer::start().await?;
    let bus = Tidings::connect(Config::new(server.url())).await?;
    bus.ensure(&CATALOG).await?;
    let folder = tempfile::tempdir()?;
    let postgres = if plan.postgres { Some(Postgres::start().await?) } else { None };
    let seeds = plan.first..plan.first + plan.seeds;
    let lives = seeds.map(|seed| {
        let (folder, postgres, broker) = (folder.path(), postgres.as_ref(), server.url());
        async move { service(seed, folder, postgres, &broker).await.map(|journal| (seed, journal)) }
    });
    let mut lives = futures_util::stream::iter(lives).buffer_unordered(plan.at_once.max(1));
    let (mut committed, mut killed) = (Steps::new(), 0);
    while let Some(lived) = lives.next().await {
        let (_, (journal, kills)) = lived?;
        committed.extend(journal);
        killed += kills;
    }
    let published = published(&bus).await?;
    let wrong = judge(&committed, &published);
    let events: usize = committed.values().map(Vec::len).sum();
    println!("{} services, {killed} killed in the middle, {events} events", plan.seeds);
    for parcel in &wrong {
        println!(
            "{parcel}: committed {:?}, published {:?}",
            committed.get(parcel),
            published.get(parcel)
        );
    }
    println!(
        "{}",
        if wrong.is_empty() {
            "each committed event was published once and in order"
        } else {
            "BROKEN"
        }
    );
    Ok(wrong.is_empty())
}

/// The parcels whose events are not those that were committed, once each and in order.
fn judge(committed: &Steps, published: &Steps) -> Vec<String> {
    let all = committed.keys().chain(published.keys());
    let mut wrong: Vec<String> =
        all.filter(|parcel| committed.get(*parcel) != published.get(*parcel)).cloned().collect();
    wrong.sort_unstable();
    wrong.dedup();
    wrong
}

/// All lives of one service; what it has committed, and how many lives ended in the middle.
async fn service(
    seed: u64,
    folder: &Path,
    postgres: Option<&Postgres>,
    broker: &str,
) -> Outcome<(Steps, u64)> {
    let file = folder.join(format!("{seed}.db"));
    let database = match postgres {
        None => file.display().to_string(),
        Some(postgres) => {
            let mut connection = PgConnection::connect(&postgres.url()).await?;
            let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE service_{seed}"));
            sqlx::raw_sql(create).execute(&mut connection).await?;
            postgres.url().replace("/postgres?", &format!("/service_{seed}?"))
        }
    };
    let mut killed = 0;
    for number in 0..LIVES {
        killed += u64::from(!live(seed, &number.to_string(), &database, broker).await?);
    }
    if !live(seed, "last", &database, broker).await? {
        return Err(format!("the service {seed} has died in its last life").into());
    }
    let journal = match postgres {
        None => all(&Pool::<Sqlite>::connect(&format!("sqlite://{database}")).await?).await?,
        Some(_) => all(&sqlx::PgPool::connect(&database).await?).await?,
    };
    Ok((journal, killed))
}

/// Whether it has lived to its end.
async fn live(seed: u64, number: &str, database: &str, broker: &str) -> io::Result<bool> {
    let mut life = Command::new(std::env::current_exe()?);
    life.args(["live", &seed.to_string(), number, database, broker]).kill_on_drop(true);
    let ended = tokio::time::timeout(PATIENCE, life.stdin(Stdio::null()).status()).await;
    let ended = ended.map_err(|_| io::Error::other(format!("{seed}, life {number}, does not end")));
    Ok(ended??.success())
}

async fn all<DB: Journal>(pool: &Pool<DB>) -> sqlx::Result<Steps> {
    let mut steps = Steps::new();
    for (parcel, step) in DB::all(pool).await? {
        steps.entry(parcel).or_default().push(step.unsigned_abs());
    }
    pool.close().await;
    Ok(steps)
}

/// What the stream has.
pub(crate) async fn published(bus: &Tidings) -> Outcome<Steps> {
    let seen = Seen::default();
    let replay = bus.replay(tracking::journey::Subscription::SPEC);
    replay.to(tracking::Journey::subscriber(seen.clone())).await?;
    let steps = std::mem::take(&mut *seen.0.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(steps)
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Steps>>);

impl tracking::Journey for Seen {
    async fn parcel_sent(&self, event: parcels::ParcelSent, _: &tracking::Context) -> Handled {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        steps.entry(event.parcel_id).or_default().push(event.step);
        Ok(())
    }

    async fn parcel_arrived(&self, _: parcels::ParcelArrived, _: &tracking::Context) -> Handled {
        Ok(())
    }
}
