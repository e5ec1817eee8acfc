//! A relay at work: one loop that sends, hears, and takes turns with the database.
//!
//! What survives a death at any instruction, and why nothing more is needed: a row leaves its table only when the stream has
//! said that it has the event, and it is read again until then. So nothing is lost; and what is sent again is stored once,
//! because its id is known to the stream, or the stream is looked into first (see `suspects`). Of a lane one row is on its
//! way at a time, so nothing overtakes.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::ears::Ears;
use super::fates::Fates;
use super::flight::{self, Landed};
use super::hand::Hand;
use super::lease::Lease;
use super::outage::Outage;
use super::verdict::Verdict;
use super::{Relay, RelayReport, suspects};
use crate::operations::metrics::Relayed;
use crate::outbox::OutboxError;
use crate::outbox::row::Waiting;
use crate::outbox::statements::{self, Read, Renewed, SLICE};
use crate::{BrokerError, Dialect, Outcome, Tidings};

/// What is known of events is written down after this at the latest.
const WRITING: Duration = Duration::from_millis(5);
/// The first pause after a signal that came before its commit; it doubles.
const FOLLOWING: Duration = Duration::from_millis(1);
/// The longest pauses while the broker, a stream or the database does not work.
const BROKER_PAUSE: Duration = Duration::from_secs(2);
const STREAM_PAUSE: Duration = Duration::from_secs(30);
const DATABASE_PAUSE: Duration = Duration::from_secs(5);
/// How long an event waits whose copy is being stored.
const COPY_PAUSE: Duration = Duration::from_millis(50);
/// Rows that are read at first, and what rows that are read together should not be larger than.
const FIRST_ROWS: usize = 64;
const BYTES: usize = 16 << 20;
/// How often old rows are removed.
const CLEANING: Duration = Duration::from_secs(5);
/// How long the end may take, and the last words with the database.
const ENDING: Duration = Duration::from_secs(15);
const PARTING: Duration = Duration::from_secs(5);

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What the database was asked, with its answer.
enum Answer {
    Renewed { asked: Instant, renewed: sqlx::Result<Renewed> },
    Turned { fates: Fates, limit: Option<usize>, rows: sqlx::Result<Vec<Waiting>> },
    Cleaned(sqlx::Result<u64>),
}

pub(super) struct Work<DB: Dialect> {
    relay: Relay<DB>,
    lease: Lease,
    hand: Hand,
    flights: FuturesUnordered<Task<Landed>>,
    /// Rows that are to be looked for in their streams before they are sent.
    suspects: Vec<Waiting>,
    looking: Option<Task<(Vec<Waiting>, Option<BrokerError>)>>,
    /// Streams that take nothing.
    streams: HashMap<&'static str, Outage>,
    /// The broker is away; this returns when it is back.
    away: Option<Task<Result<(), BrokerError>>>,
    broker: Outage,
    /// What is to be written down, and since when.
    fates: Fates,
    fates_since: Instant,
    asking: Option<Task<Answer>>,
    database: Outage,
    /// How many rows to read at once.
    rows: usize,
    /// When to look for rows, and what to wait after that where a signal may have come before its commit.
    look_at: Instant,
    following: Duration,
    clean_at: Option<Instant>,
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
            looking: None,
            streams: HashMap::new(),
            away: None,
            broker: Outage::default(),
            fates: Fates::default(),
            fates_since: now,
            asking: None,
            database: Outage::default(),
            rows: FIRST_ROWS.min(relay.in_flight),
            look_at: now,
            following: relay.poll,
            clean_at: relay.keep.map(|_| now),
            ending: None,
            fault: None,
            report: RelayReport::default(),
            counted: Relayed::default(),
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
                (rows, error) = some(&mut self.looking) => self.looked(rows, error),
                back = some(&mut self.away) => match back {
                    Ok(()) => tracing::debug!("the broker answers again"),
                    Err(error) => self.give_up(OutboxError::Broker(error)),
                },
                () = ears.heard() => {
                    self.look_at = Instant::now();
                    self.following = FOLLOWING;
                }
                () = sleep_until(due) => {}
                _ = &mut end, if self.ending.is_none() => self.end(),
            }
        }
        let parting = async {
            statements::release(outbox.pool(), &self.lease.relay).await?;
            outbox.lag().await
        };
        let lag = timeout(PARTING, parting).await;
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let left = lag.map_err(|_| sqlx::Error::PoolTimedOut)??.waiting;
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
        let is_up = self.ending.is_none() && self.away.is_none();
        if is_up && self.looking.is_none() && !self.suspects.is_empty() {
            let rows = std::mem::take(&mut self.suspects);
            self.looking = Some(Box::pin(suspects::look(self.relay.bus.clone(), rows)));
        }
    }

    fn may_send(&self, now: Instant) -> bool {
        let is_up = self.ending.is_none() && self.away.is_none();
        is_up && self.lease.stands(now) && self.flights.len() < self.relay.in_flight
    }

    fn launch(&mut self, row: Waiting) {
        self.flights.push(Box::pin(flight::send(self.relay.bus.clone(), row)));
    }

    /// Asks the database for the most urgent of what is due, unless it is at something. Returns when to come again.
    fn ask(&mut self, now: Instant) -> Instant {
        let mut due = now + CLEANING;
        if self.may_send(now) {
            due = self.hand.next_due().map_or(due, |next| due.min(next));
        }
        due = self.ending.map_or(due, |ending| due.min(ending));
        for outage in self.streams.values_mut() {
            if outage.is_over(now) {
                self.look_at = now;
            }
            due = outage.until().map_or(due, |until| due.min(until));
        }
        if self.asking.is_some() {
            return due;
        }
        self.database.is_over(now);
        if let Some(until) = self.database.until() {
            return due.min(until);
        }
        let done = |shard| !self.hand.has(shard);
        let is_running = self.ending.is_none();
        if is_running && (self.lease.renew_at() <= now || self.lease.can_give_back(done)) {
            self.renew(now);
            return due;
        }
        let may_read = is_running
            && self.away.is_none()
            && self.lease.stands(now)
            && self.hand.len() < 2 * self.rows;
        let is_worth_it = self.fates.len() > self.relay.in_flight / 2 || self.flights.is_empty();
        let write_at = if is_worth_it { now } else { self.fates_since + WRITING };
        let writes = !self.fates.is_empty() && write_at <= now;
        let reads = may_read && (self.look_at <= now || self.hand.is_hungry());
        if writes || reads {
            self.turn(reads);
            return due;
        }
        if let (Some(keep), Some(_)) = (self.relay.keep, self.clean_at.filter(|at| *at <= now)) {
            let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX / 2);
            let cleaning = statements::clean(self.relay.outbox.pool.clone(), keep);
            self.asking = Some(Box::pin(async move { Answer::Cleaned(cleaning.await) }));
            return due;
        }
        if is_running {
            due = due.min(self.lease.renew_at());
        }
        if !self.fates.is_empty() {
            due = due.min(write_at);
        }
        if may_read {
            due = due.min(self.look_at);
        }
        self.clean_at.map_or(due, |at| due.min(at))
    }

    fn renew(&mut self, now: Instant) {
        let renewal = self.lease.renewal(|shard| !self.hand.has(shard));
        let renewing = statements::renew(self.relay.outbox.pool.clone(), renewal);
        self.asking =
            Some(Box::pin(async move { Answer::Renewed { asked: now, renewed: renewing.await } }));
    }

    /// Writes down what is known, and reads on.
    fn turn(&mut self, reads: bool) {
        let fates = std::mem::take(&mut self.fates);
        let limit = self.rows;
        let known = reads.then(|| self.hand.known_without(&fates.ids())).unwrap_or_default();
        let outages = self.streams.iter().filter(|(_, outage)| outage.until().is_some());
        let read = reads.then(|| Read {
            relay: self.lease.relay.clone(),
            shards: self.lease.read(),
            but_rows: known.rows,
            but_lanes: known.lanes,
            but_streams: outages.map(|(stream, _)| *stream).collect(),
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        });
        let turn = statements::turn(
            self.relay.outbox.pool.clone(),
            fates.turn(self.relay.keep.is_some(), read),
        );
        let limit = reads.then_some(limit);
        self.asking =
            Some(Box::pin(async move { Answer::Turned { fates, limit, rows: turn.await } }));
    }

    /// The database has answered.
    fn take(&mut self, answer: Answer) {
        let now = Instant::now();
        match answer {
            Answer::Renewed { asked, renewed: Ok(renewed) } => {
                self.database = Outage::default();
                if !self.lease.stands(now) {
                    // Others may have had the same shards meanwhile.
                    self.let_go(|_, _| true);
                }
                if self.lease.renewed(&renewed, asked) {
                    tracing::debug!(shards = ?self.lease.read(), "has other parts of the outbox now");
                    self.look_at = now;
                    let gone = self.hand.let_go(|_, shard| !self.lease.has(shard));
                    self.remember(&gone);
                }
            }
            Answer::Turned { fates, limit, rows: Ok(rows) } => {
                self.database = Outage::default();
                if !fates.is_empty() {
                    tracing::trace!(rows = fates.len(), "written down");
                }
                for (id, lane) in fates.rows() {
                    self.hand.written(id, lane);
                }
                self.came(rows, limit, now);
            }
            Answer::Turned { fates, rows: Err(error), .. } => {
                self.fates.add(fates);
                self.failed(error);
            }
            Answer::Cleaned(Ok(count)) => {
                let more = count >= SLICE;
                self.clean_at = Some(if more { now } else { now + CLEANING });
            }
            Answer::Renewed { renewed: Err(error), .. } | Answer::Cleaned(Err(error)) => {
                self.failed(error);
            }
        }
    }

    /// Rows were read, if `limit` says so.
    fn came(&mut self, mut rows: Vec<Waiting>, limit: Option<usize>, now: Instant) {
        if !rows.is_empty() {
            tracing::trace!(rows = rows.len(), "rows to relay");
        }
        let bytes: usize = rows.iter().map(Waiting::size).sum();
        if let Some(size) = bytes.checked_div(rows.len()) {
            self.rows = (BYTES / size.max(1)).clamp(1, self.relay.in_flight);
        }
        for row in &mut rows {
            row.suspect = self.lease.suspects(row.shard, row.id);
        }
        match limit {
            None => {}
            Some(limit) if rows.len() >= limit => self.look_at = now,
            Some(_) => {
                self.look_at = now + self.following.min(self.relay.poll);
                self.following = (2 * self.following).min(self.relay.poll);
            }
        }
        self.hand.take(rows);
    }

    fn failed(&mut self, error: sqlx::Error) {
        if matches!(error, sqlx::Error::PoolClosed) {
            return self.give_up(OutboxError::Database(error));
        }
        let pause = self.database.failed(DATABASE_PAUSE);
        tracing::warn!(%error, ?pause, "the outbox's database does not answer");
    }

    fn count(&mut self, row: &Waiting, outcome: Outcome) {
        let message = row.messages.iter().flatten().next();
        let largest = self.relay.bus.largest_payload();
        self.counted.ended(&row.event_type, message, outcome, largest);
    }

    /// A row has come back.
    fn hear(&mut self, landed: Landed) {
        let Landed { row, outcome } = landed;
        let error = match outcome {
            Ok(known) => {
                tracing::debug!(
                    event_type = row.event_type,
                    id = row.event_id,
                    known,
                    "is in its stream"
                );
                self.report.relayed += 1;
                self.report.known += u64::from(known);
                self.count(&row, if known { Outcome::Duplicate } else { Outcome::Stored });
                self.broker = Outage::default();
                if !self.streams.is_empty() {
                    self.streams.remove(row.stream);
                }
                self.conclude(&row, None);
                return;
            }
            Err(error) => error,
        };
        match Verdict::of(&error) {
            Verdict::Away => {
                self.go_away(&error);
                self.put_back(row, None);
            }
            Verdict::Event => self.put_back(row, Some(Instant::now() + COPY_PAUSE)),
            Verdict::Stream => {
                let stream = row.stream;
                let pause = self.streams.entry(stream).or_default().failed(STREAM_PAUSE);
                if !pause.is_zero() {
                    tracing::warn!(stream, %error, ?pause, "events wait for their stream");
                }
                self.hand.forget(&row);
                self.remember(&[row]);
                self.let_go(|other, _| other == stream);
            }
            Verdict::Dead => {
                let (event_type, id) = (&row.event_type, &row.event_id);
                tracing::error!(event_type, id, %error, "an event was refused for good");
                self.report.dead += 1;
                self.count(&row, Outcome::Rejected);
                self.conclude(&row, Some(&error.to_string()));
            }
            Verdict::Over => {
                self.put_back(row, None);
                self.give_up(OutboxError::Broker(error));
            }
        }
    }

    /// The fate of a row is known.
    fn conclude(&mut self, row: &Waiting, error: Option<&str>) {
        if self.fates.is_empty() {
            self.fates_since = Instant::now();
        }
        match error {
            None => self.fates.relayed(row.id, row.lane),
            Some(error) => self.fates.dead(row.id, row.lane, error),
        }
        self.hand.settled(row.lane);
    }

    /// Rows have been looked for in their streams.
    fn looked(&mut self, rows: Vec<Waiting>, error: Option<BrokerError>) {
        let is_known = error.is_none();
        match error {
            Some(error) if Verdict::of(&error) == Verdict::Over => {
                self.give_up(OutboxError::Broker(error));
            }
            Some(error) => self.go_away(&error),
            None => {}
        }
        for row in rows {
            if suspects::is_found(&row) {
                self.hear(suspects::landed(row));
            } else if !is_known || !self.lease.stands(Instant::now()) {
                self.put_back(row, None);
            } else {
                self.launch(row);
            }
        }
    }

    /// A row is to be sent again, unless it is another's by now.
    fn put_back(&mut self, row: Waiting, due: Option<Instant>) {
        if self.lease.has(row.shard) {
            self.hand.put_back(row, due);
        } else {
            self.hand.forget(&row);
        }
    }

    /// Lets go of what is not on its way, in these streams and shards.
    fn let_go(&mut self, which: impl Fn(&str, i64) -> bool) {
        let gone = self.hand.let_go(which);
        self.remember(&gone);
    }

    /// Rows that are let go of are read again, and some may have been sent.
    fn remember(&mut self, gone: &[Waiting]) {
        for row in gone.iter().filter(|row| row.suspect) {
            self.lease.suspect(row.shard, row.id);
        }
    }

    /// Waits until the broker answers. Nothing is tried meanwhile, and no attempts are counted.
    fn go_away(&mut self, error: &BrokerError) {
        if self.away.is_some() {
            return;
        }
        self.broker.is_over(Instant::now());
        let pause = self.broker.failed(BROKER_PAUSE);
        tracing::warn!(%error, "the broker is away: events wait in the outbox");
        self.away = Some(Box::pin(back(self.relay.bus.clone(), pause)));
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

/// Returns once the broker can be reached, and not before the pause.
async fn back(bus: Tidings, pause: Duration) -> Result<(), BrokerError> {
    sleep(pause).await;
    bus.connected().await
}

/// What a task comes to, where there is one. It is over then.
async fn some<T>(task: &mut Option<Task<T>>) -> T {
    let Some(running) = task else { return std::future::pending().await };
    let outcome = running.await;
    *task = None;
    outcome
}
