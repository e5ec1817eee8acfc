//! A process that books tolls until it ends itself.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};
use tidings::{Config, Handled, Subscriber, Tidings, event_handler};
use tidings_tests::catalog::{ledger, tolls};

use crate::Outcome;
use crate::books::{Books, Ledger};

/// The variable that makes this program a clerk.
pub(crate) const DUTY: &str = "BOOKING_DUTY";

/// What a clerk is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Duty {
    /// Where the books are.
    pub(crate) books: String,
    /// How the transaction is taken: by the function's argument, or from the context.
    pub(crate) by_argument: bool,
    pub(crate) crash: Option<Crash>,
}

/// When it ends itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Crash {
    pub(crate) at: Step,
    /// How often the step is passed before.
    pub(crate) after: u32,
    /// Between the steps is what the runtime does, which has no hooks for its tests: a delay meets it.
    pub(crate) delay_micros: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// The handler was called.
    Called,
    /// The effect is in the transaction.
    Booked,
    /// The handler has answered: what follows are commit and acknowledgement.
    Answered,
}

/// Counts the steps, and ends the process at the one that was told.
#[derive(Clone, Debug)]
struct Fuse {
    crash: Option<Crash>,
    passed: Arc<AtomicU32>,
}

impl Fuse {
    fn reached(&self, step: Step) {
        let Some(crash) = self.crash.filter(|crash| crash.at == step) else { return };
        if self.passed.fetch_add(1, Ordering::Relaxed) != crash.after {
            return;
        }
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_micros(crash.delay_micros));
            let _ = kill_process(getpid(), Signal::KILL);
        });
        if crash.delay_micros == 0 {
            std::thread::park();
        }
    }
}

struct Clerk<DB> {
    fuse: Fuse,
    database: PhantomData<fn() -> DB>,
}

#[event_handler]
impl<DB: Ledger> ledger::Bookings for Clerk<DB> {
    async fn toll_paid(&self, toll: tolls::TollPaid, cx: &ledger::Context) -> Handled {
        self.fuse.reached(Step::Called);
        let mut tx = cx.transaction::<DB>().await?;
        DB::book(&mut tx, &toll.toll_id).await?;
        self.fuse.reached(Step::Booked);
        self.fuse.reached(Step::Answered);
        Ok(())
    }
}

/// Functions that take the transaction as an argument.
macro_rules! book_in {
    ($name:ident, $database:ty) => {
        #[event_handler(ledger::bookings)]
        async fn $name(
            toll: tolls::TollPaid,
            mut tx: tidings::Tx<$database>,
            tidings::State(fuse): tidings::State<Fuse>,
        ) -> Handled {
            fuse.reached(Step::Called);
            <$database>::book(&mut tx, &toll.toll_id).await?;
            fuse.reached(Step::Booked);
            fuse.reached(Step::Answered);
            Ok(())
        }
    };
}

book_in!(book_in_sqlite, sqlx::Sqlite);
book_in!(book_in_postgres, sqlx::Postgres);

/// Books until the process ends.
pub(crate) async fn work() -> Outcome {
    let duty: Duty = serde_json::from_str(&std::env::var(DUTY)?)?;
    let bus = Tidings::connect(Config::from_env()?).await?;
    let books = Books::open(&duty.books)?;
    let fuse = Fuse { crash: duty.crash, passed: Arc::default() };
    let run = bus.run(subscriber(&books, duty.by_argument, &fuse));
    run.inbox(books.inbox()).state(fuse).await?;
    Ok(())
}

fn subscriber(books: &Books, by_argument: bool, fuse: &Fuse) -> Subscriber {
    let fuse = fuse.clone();
    match (books, by_argument) {
        (Books::Sqlite(_), true) => {
            ledger::bookings::Handlers { toll_paid: book_in_sqlite }.subscriber()
        }
        (Books::Postgres(_), true) => {
            ledger::bookings::Handlers { toll_paid: book_in_postgres }.subscriber()
        }
        (Books::Sqlite(_), false) => {
            ledger::Bookings::subscriber(Clerk::<sqlx::Sqlite> { fuse, database: PhantomData })
        }
        (Books::Postgres(_), false) => {
            ledger::Bookings::subscriber(Clerk::<sqlx::Postgres> { fuse, database: PhantomData })
        }
    }
}
