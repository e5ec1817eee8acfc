//! Gives services their lives, and judges what they have left.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection as _, PgConnection, Pool, Sqlite};
use tidings::testing::NatsServer;
use tidings::{Config, Handled, Subscription as _, Tidings};
use tidings_tests::catalog::{CATALOG, parcels, tracking};
use tidings_tests::database::Postgres;
use tokio::process::{Child, Command};

use super::Outcome;
use super::arguments::Plan;
use super::crash::{self, Step};
use super::journal::Journal;

/// Lives of a service that end before their time.
pub(crate) const LIVES: u64 = 3;
/// How often the frozen are told to go on, where they are.
const THAW: Duration = Duration::from_millis(300);
/// So many lives that should end at a step are enough for one of them to do it.
const ENOUGH: u64 = 6;
/// Longer than a life takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a note's file is called.
const NOTE: &str = "note";

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
        async move { service(seed, folder, postgres, &broker).await }
    });
    let mut lives = futures_util::stream::iter(lives).buffer_unordered(plan.at_once.max(1));
    let mut committed = Steps::new();
    while let Some(journal) = lives.next().await {
        committed.extend(journal?);
    }
    let ends = Ends::read(folder.path())?;
    let published = published(&bus).await?;
    let wrong = judge(&committed, &published);
    let events: usize = committed.values().map(Vec::len).sum();
    println!("{} services, {} ends in the middle, {events} events", plan.seeds, ends.count());
    println!("{ends}");
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
    let missed = ends.missed(plan.seeds * LIVES);
    for step in &missed {
        println!("nothing has ended at `{step}`: what is shown here is not shown of it");
    }
    Ok(wrong.is_empty() && missed.is_empty())
}

/// Whether what is frozen goes on after a while. Where it does not, others have to do without it. In SQLite they could not: a
/// process that stands still in a transaction is the one writer.
pub(crate) fn thaws(seed: u64, database: &str) -> bool {
    seed.is_multiple_of(2) || !database.starts_with("postgres:")
}

/// How many lives have ended, or were frozen, at each step.
struct Ends(BTreeMap<&'static str, u64>);

impl Ends {
    fn read(folder: &Path) -> io::Result<Self> {
        let mut ends: BTreeMap<_, _> = crash::all().map(|Step(step, _)| (step, 0)).collect();
        for file in std::fs::read_dir(folder)? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == NOTE) {
                let note = std::fs::read_to_string(path)?;
                if let Some(count) = ends.get_mut(note.as_str()) {
                    *count += 1;
                }
            }
        }
        Ok(Self(ends))
    }

    fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// Steps at which none has ended, of so many lives of services.
    fn missed(&self, lives: u64) -> Vec<&'static str> {
        if lives / (self.0.len() as u64) < ENOUGH {
            return Vec::new();
        }
        self.0.iter().filter(|(_, count)| **count == 0).map(|(step, _)| *step).collect()
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.0.iter().map(|(step, count)| format!("{count} at `{step}`"));
        f.write_str(&each.collect::<Vec<_>>().join(", "))
    }
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

/// All lives of one service; what it has committed.
async fn service(
    seed: u64,
    folder: &Path,
    postgres: Option<&Postgres>,
    broker: &str,
) -> Outcome<Steps> {
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
    for number in 0..LIVES {
        let start = |role: &str| {
            let note = folder.join(format!("{seed}-{number}-{role}")).with_extension(NOTE);
            start(role, seed, &number.to_string(), &database, broker, &note)
        };
        let (mut life, mut relay) = (start("live")?, start("relay")?);
        let ids = [life.id(), relay.id()];
        let thawing = async {
            loop {
                tokio::time::sleep(THAW).await;
                if thaws(seed, &database) {
                    ids.into_iter().flatten().for_each(go_on);
                }
            }
        };
        tokio::select! {
            ended = ended(seed, life.wait()) => { ended?; }
            never = thawing => never,
        }
        relay.kill().await?;
    }
    let mut last = start("live", seed, "last", &database, broker, Path::new(""))?;
    if !ended(seed, last.wait()).await?.success() {
        return Err(format!("the service {seed} has died in its last life").into());
    }
    match postgres {
        None => Ok(all(&Pool::<Sqlite>::connect(&format!("sqlite://{database}")).await?).await?),
        Some(_) => Ok(all(&sqlx::PgPool::connect(&database).await?).await?),
    }
}

fn start(
    role: &str,
    seed: u64,
    number: &str,
    database: &str,
    broker: &str,
    note: &Path,
) -> io::Result<Child> {
    let mut life = Command::new(std::env::current_exe()?);
    life.args([role, &seed.to_string(), number, database, broker]).arg(note);
    life.kill_on_drop(true).stdin(Stdio::null()).spawn()
}

/// How it ends, which it does in time.
async fn ended(
    seed: u64,
    life: impl Future<Output = io::Result<ExitStatus>>,
) -> io::Result<ExitStatus> {
    let ended = tokio::time::timeout(PATIENCE, life).await;
    ended.map_err(|_| io::Error::other(format!("a life of the service {seed} does not end")))?
}

fn go_on(id: u32) {
    if let Some(process) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // It may have ended meanwhile.
        let _ = kill_process(process, Signal::CONT);
    }
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
