//! Starts everything, lets clerks die, and reads the books.

use std::any::Any;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tidings::testing::NatsServer;
use tidings::{Config, Subscription as _, Tidings};
use tidings_tests::catalog::{CATALOG, booth, ledger, tolls};
use tidings_tests::database::Postgres;

use crate::Outcome;
use crate::books::Books;
use crate::clerk::{Crash, DUTY, Duty, Step};

/// Clerks at work at the same time.
const CLERKS: usize = 2;
/// Events are published as they are needed: so many for each clerk that dies.
const EVENTS_A_ROUND: u64 = 6;
/// The last delay lies beyond the acknowledgement.
const LONGEST_DELAY_MICROS: u64 = 4000;
/// After the last crash everything is settled by then.
const PATIENCE: Duration = Duration::from_secs(120);

const HELP: &str = "--rounds N (20), --seed S (a new one), --database sqlite|postgres (sqlite)";

/// A run to direct.
#[derive(Debug)]
pub(crate) struct Plan {
    rounds: u64,
    seed: u64,
    postgres: bool,
}

impl Plan {
    /// None for a clerk.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Outcome<Option<Self>> {
        if std::env::var_os(DUTY).is_some() {
            return Ok(None);
        }
        let mut plan = Self { rounds: 20, seed: fastrand::u64(..1_000_000), postgres: false };
        while let Some(arg) = args.next() {
            match (arg.as_str(), args.next().as_deref()) {
                ("--rounds", Some(rounds)) => plan.rounds = rounds.parse()?,
                ("--seed", Some(seed)) => plan.seed = seed.parse()?,
                ("--database", Some("sqlite")) => plan.postgres = false,
                ("--database", Some("postgres")) => plan.postgres = true,
                _ => return Err(format!("`{arg}` is not understood here: {HELP}").into()),
            }
        }
        Ok(Some(plan))
    }
}

/// A clerk's process, which does not outlive the director.
struct Clerk(Child);

impl Drop for Clerk {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Clerk {
    fn start(duty: &Duty, server: &NatsServer) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.env(DUTY, serde_json::to_string(duty)?).env("NATS_URL", server.url());
        Ok(Self(command.spawn()?))
    }

    async fn ended(&mut self) -> Outcome<ExitStatus> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

struct Office {
    server: NatsServer,
    bus: Tidings,
    place: String,
    books: Books,
    /// What the database needs to live.
    _database: Box<dyn Any>,
}

impl Office {
    async fn open(postgres: bool) -> Outcome<Self> {
        let server = NatsServer::start().await?;
        let bus = Tidings::connect(Config::new(server.url())).await?;
        bus.ensure(&CATALOG).await?;
        let (place, database): (String, Box<dyn Any>) = if postgres {
            let database = Postgres::start().await?;
            (database.url(), Box::new(database))
        } else {
            let folder = tempfile::tempdir()?;
            (folder.path().join("books.db").display().to_string(), Box::new(folder))
        };
        let books = Books::open(&place)?;
        books.prepare().await?;
        Ok(Self { server, bus, place, books, _database: database })
    }

    async fn publish(&self, first: u64, count: u64) -> Outcome {
        let publisher = booth::Publisher::new(&self.bus).organization("acme");
        for number in first..first + count {
            let toll = tolls::TollPaid { toll_id: format!("t-{number}"), cents: 250 };
            publisher.toll_paid(toll).await?;
        }
        Ok(())
    }

    fn clerk(&self, crash: Option<Crash>, by_argument: bool) -> Outcome<Clerk> {
        let duty = Duty { books: self.place.clone(), by_argument, crash };
        Clerk::start(&duty, &self.server)
    }
}

fn crash(random: &mut Rng) -> Crash {
    let at = [Step::Called, Step::Booked, Step::Answered, Step::Answered][random.usize(..4)];
    let delay_micros = match random.bool() {
        true => 0,
        false => random.u64(..LONGEST_DELAY_MICROS),
    };
    Crash { at, after: random.u32(..6), delay_micros }
}

/// Runs it, and says what became of every event.
pub(crate) async fn direct(plan: &Plan) -> Outcome {
    println!("seed {}, {} rounds", plan.seed, plan.rounds);
    let mut random = Rng::with_seed(plan.seed);
    let office = Office::open(plan.postgres).await?;
    let (mut died, mut published) = (0, 0);
    let next = |random: &mut Rng| office.clerk(Some(crash(random)), random.bool());
    let mut clerks = (0..CLERKS).map(|_| next(&mut random)).collect::<Outcome<Vec<_>>>()?;
    while died < plan.rounds {
        office.publish(published, EVENTS_A_ROUND).await?;
        published += EVENTS_A_ROUND;
        let [one, other] = &mut clerks[..] else { return Err("there are two".into()) };
        let (at, status) = tokio::select! {
            status = one.ended() => (0, status?),
            status = other.ended() => (1, status?),
            // What is out may be in dead hands: more is needed for them to come to an end.
            () = tokio::time::sleep(Duration::from_secs(1)) => continue,
        };
        if status.code().is_some() {
            return Err(format!("a clerk was to be killed, and has ended: {status}").into());
        }
        died += 1;
        clerks[at] = next(&mut random)?;
    }
    drop(clerks);

    let _last = office.clerk(None, true)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let lag = office.bus.lag(ledger::bookings::Subscription::SPEC).await?;
        if (lag.pending, lag.unsettled) == (0, 0) {
            break;
        }
        if Instant::now() > deadline {
            return Err(format!("not everything is handled: {lag:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let letters = office.bus.dead_letters(&CATALOG);
    let letters = letters.of(ledger::bookings::Subscription::SPEC).all().await?.len();
    let (booked, bookings) = office.books.count().await?;
    println!(
        "{died} clerks died; {published} events, {booked} booked, {bookings} bookings, {letters} dead letters"
    );
    let expected = i64::try_from(published)?;
    if (booked, bookings, letters) != (expected, expected, 0) {
        return Err("not every event was booked once".into());
    }
    println!("every event was booked once");
    Ok(())
}
