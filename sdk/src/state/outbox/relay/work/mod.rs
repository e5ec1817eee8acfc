//! A relay at work: one loop that sends, hears, and takes turns with the database.
//!
//! What survives a death at any instruction, and why nothing more is needed: a row leaves its table only when the stream has
//! said that it has the event, and it is read again until then. So nothing is lost; and what is sent again is stored once,
//! because its id is known to the stream, or the stream is looked into first (see `suspects`). Of a lane one row is on its
//! way at a time, so nothing overtakes.

mod broker;
mod database;

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until, timeout};

use self::broker::Looked;
use self::database::Answer;
use super::ears::Ears;
use super::fates::Fates;
use super::flight::{self, Landed};
use super::hand::Hand;
use super::lease::Lease;
use super::outage::Outage;
use super::{Relay, RelayReport, suspects};
use crate::operations::metrics::Relayed;
use crate::outbox::OutboxError;
use crate::outbox::row::Waiting;
use crate::outbox::statements;
use crate::{BrokerError, Dialect};

/// The first pause after a signal that came before its commit; it doubles.
const FOLLOWING: Duration = Duration::from_millis(1);
/// Rows that are read at first.
const FIRST_ROWS: usize = 64;
/// How long the end may take, and the last words with the database.
const ENDING: Duration = Duration::from_secs(15);
const PARTING: Duration = Duration::from_secs(5);

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(super) struct Work<DB: Dialect> {
    relay: Relay<DB>,
    lease: Lease,
    hand: Hand,
    flights: FuturesUnordered<Task<Landed>>,
    /// Rows that are to be looked for in their streams before they are sent.
    suspects: Vec<Waiting>,
    looking: FuturesUnordered<Task<Looked>>,
    /// Streams in which rows are being looked for.
    searched: HashSet<&'static str>,
    /// Streams that take nothing.
    streams: HashMap<&'static str, Outage>,
    /// Those of them that do not answer. Of each, one row is in hand or on its way, to find out whether it does again.
    silent: HashSet<&'static str>,
    /// The broker is away, since when; this returns when it is back.
    away: Option<Task<Result<(), BrokerError>>>,
    away_since: Instant,
    broker: Outage,
    /// What is to be written down, and since when.
    fates: Fates,
    fates_since: Instant,
    asking: Option<Task<Answer>>,
    /// Rows were let go of since the database was asked: what it answers may lie behind them.
    is_stale: bool,
    database: Outage,
    /// How many rows to read at once.
    rows: usize,
    /// When to look for rows, and what to wait after that where a signal may have come before its commit.
    look_at: Instant,
    following: Duration,
    clean_at: Option<Instant>,
    /// Whether rows were read or written down since old ones were removed.
    is_cleaning_due: bool,
    /// Until when it must have ended.
    ending: Option<Instant>,
    fault: Option<OutboxError>,
    report: RelayReport,
    counted: Relayed,
}

impl<DB: Dialect> Work<DB> {
    pub(super) fn new(relay: Relay<DB>) -> Self {
        let now = Instant::now();
        Self {
            lease: Lease::new(relay.lease),
            hand: Hand::default(),
            flights: FuturesUnordered::new(),
            suspects: Vec::new(),
            looking: FuturesUnordered::new(),
            searched: HashSet::new(),
            streams: HashMap::new(),
            silent: HashSet::new(),
            away: None,
            away_since: now,
            broker: Outage::default(),
            fates: Fates::default(),
            fates_since: now,
            asking: None,
            is_stale: false,
            database: Outage::default(),
            rows: FIRST_ROWS.min(relay.in_flight),
            look_at: now,
            following: relay.poll,
            clean_at: Some(now),
            is_cleaning_due: true,
            ending: None,
            fault: None,
            report: RelayReport::default(),
            counted: Default::default(),
            relay,
        }
    }

    pub(super) async fn until(mut self, end: impl Future) -> Result<RelayReport, OutboxError> {
        let mut end = std::pin::pin!(end);
        let outbox = self.relay.outbox.clone();
        let mut ears = Ears::open::<DB>(outbox.pool.clone(), outbox.signal.subscribe());
        loop {
            let now = Instant::now();
            self.send(now);
            let due = self.ask(now);
            if self.ending.is_some_and(|ending| ending <= now || self.is_done()) {
                break;
            }
            tokio::select! {
                Some(landed) = self.flights.next(), if !self.flights.is_empty() => self.hear(landed),
                answer = some(&mut self.asking) => self.take(answer),
                Some(looked) = self.looking.next(), if !self.looking.is_empty() => self.looked(looked),
                back = some(&mut self.away) => self.came_back(back),
                () = ears.heard() => {
                    self.look_at = Instant::now();
                    self.following = FOLLOWING;
                }
                () = sleep_until(due) => {}
                _ = &mut end, if self.ending.is_none() => self.end(),
            }
        }
        let parting = async {
            statements::release(outbox.pool.clone(), self.lease.relay.clone(), PARTING).await?;
            outbox.lag().await
        };
        let lag = timeout(PARTING, parting).await;
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let left = lag.ok().and_then(Result::ok).map(|lag| lag.waiting);
        Ok(RelayReport { left, ..self.report })
    }

    /// Sends what may be sent.
    fn send(&mut self, now: Instant) {
        if !self.lease.stands(now) {
            // Others may have sent it meanwhile, and more behind it.
            self.let_go(|_, _| true);
            return;
        }
        while self.may_send(now) {
            let Some(row) = self.hand.next(now) else { break };
            if row.suspect && row.stored + suspects::REMEMBERED < now {
                self.suspects.push(row);
            } else {
                self.launch(row);
            }
        }
        if self.ending.is_none() && self.away.is_none() && !self.suspects.is_empty() {
            self.look();
        }
    }

    fn may_send(&self, now: Instant) -> bool {
        let is_up = self.ending.is_none() && self.away.is_none();
        is_up && self.lease.stands(now) && self.flights.len() < self.relay.in_flight
    }

    fn launch(&mut self, row: Waiting) {
        self.flights.push(Box::pin(flight::send(self.relay.bus.clone(), row)));
    }

    fn end(&mut self) {
        self.ending.get_or_insert_with(|| Instant::now() + ENDING);
    }

    fn give_up(&mut self, fault: OutboxError) {
        self.fault.get_or_insert(fault);
        self.end();
    }

    /// Whether nothing is under way, and all that is known is written down.
    fn is_done(&self) -> bool {
        let is_written = self.fates.is_empty() || self.fault.is_some();
        self.flights.is_empty() && self.asking.is_none() && is_written
    }
}

/// What a task comes to, where there is one. It is over then.
async fn some<T>(task: &mut Option<Task<T>>) -> T {
    let Some(running) = task else { return std::future::pending().await };
    let outcome = running.await;
    *task = None;
    outcome
}
