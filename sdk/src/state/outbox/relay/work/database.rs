//! What the relay asks its database, one question at a time.

use std::time::Duration;

use tokio::time::Instant;

use super::{FOLLOWING, Outage, Work};
use crate::Dialect;
use crate::outbox::OutboxError;
use crate::outbox::relay::DATABASE_PAUSE;
use crate::outbox::relay::fates::Fates;
use crate::outbox::relay::hand::Known;
use crate::outbox::row::Waiting;
use crate::outbox::statements::{self, Read, Renewed, SLICE};

/// What is known of events is written down after this at the latest.
const WRITING: Duration = Duration::from_millis(5);
/// What rows that are read together should not be larger than.
const BYTES: usize = 16 << 20;
/// How often old rows are removed.
const CLEANING: Duration = Duration::from_secs(5);

/// What the database was asked, with its answer.
pub(super) enum Answer {
    Renewed { asked: Instant, renewed: sqlx::Result<Renewed> },
    Released(sqlx::Result<()>),
    Turned { fates: Fates, limit: Option<usize>, rows: sqlx::Result<Vec<Waiting>> },
    Cleaned(sqlx::Result<u64>),
}

impl<DB: Dialect> Work<DB> {
    /// Asks the database for the most urgent of what is due, unless it is at something. Returns when to come again.
    pub(super) fn ask(&mut self, now: Instant) -> Instant {
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
        let is_running = self.ending.is_none();
        if self.away.is_some() {
            let leaves_at = self.away_since + self.relay.lease;
            if is_running && leaves_at <= now && self.lease.is_held() {
                self.leave();
                return due;
            }
            if self.lease.is_held() {
                due = due.min(leaves_at);
            }
        }
        let done = |shard| !self.hand.has(shard);
        let takes_part = is_running && (self.away.is_none() || self.lease.is_held());
        if takes_part && (self.lease.renew_at() <= now || self.lease.can_give_back(done)) {
            self.renew(now);
            return due;
        }
        if self.clean_at.is_some_and(|at| at <= now) && self.is_cleaning_due {
            self.clean();
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
        if self.clean_at.is_some_and(|at| at <= now) {
            self.clean();
            return due;
        }
        if takes_part {
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
        let patience = self.relay.patience();
        let renewal = self.lease.renewal(patience, |shard| !self.hand.has(shard));
        let renewing = statements::renew(self.relay.outbox.pool.clone(), renewal);
        let renewing = statements::within(patience, renewing);
        self.asking =
            Some(Box::pin(async move { Answer::Renewed { asked: now, renewed: renewing.await } }));
    }

    /// Lets others have everything: they may reach the broker.
    fn leave(&mut self) {
        tracing::info!("the broker is away for long: other relays may have the outbox");
        self.let_go(|_, _| true);
        let (relay, patience) = (self.lease.relay.clone(), self.relay.patience());
        let releasing = statements::release(self.relay.outbox.pool.clone(), relay, patience);
        let releasing = statements::within(patience, releasing);
        self.asking = Some(Box::pin(async move { Answer::Released(releasing.await) }));
    }

    /// Removes what was kept for long enough.
    fn clean(&mut self) {
        let keep = self.relay.keep.unwrap_or_default().as_millis();
        let keep = i64::try_from(keep).unwrap_or(i64::MAX / 2);
        let cleaning = statements::clean(self.relay.outbox.pool.clone(), keep);
        let cleaning = statements::within(self.relay.patience(), cleaning);
        self.asking = Some(Box::pin(async move { Answer::Cleaned(cleaning.await) }));
    }

    /// Writes down what is known, and reads on.
    fn turn(&mut self, reads: bool) {
        let fates = std::mem::take(&mut self.fates);
        let (limit, patience) = (self.rows, self.relay.patience());
        self.is_stale = false;
        let known = if reads { self.hand.known_without(&fates.ids()) } else { Known::default() };
        let outages = self.streams.iter().filter(|(_, outage)| outage.until().is_some());
        let outages = outages.map(|(stream, _)| *stream);
        let read = reads.then(|| Read {
            relay: self.lease.relay.clone(),
            shards: self.lease.read(),
            but_rows: known.rows,
            but_lanes: known.lanes,
            but_streams: outages.chain(self.silent.iter().copied()).collect(),
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        });
        let turn = fates.turn(patience, self.relay.keep.is_some(), read);
        let turn = statements::turn(self.relay.outbox.pool.clone(), turn);
        let turn = statements::within(patience, turn);
        let limit = reads.then_some(limit);
        self.asking =
            Some(Box::pin(async move { Answer::Turned { fates, limit, rows: turn.await } }));
    }

    /// The database has answered.
    pub(super) fn take(&mut self, answer: Answer) {
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
                    self.dropped(&gone);
                }
            }
            Answer::Released(Ok(())) => {
                self.database = Outage::default();
                self.lease.released();
            }
            Answer::Turned { fates, limit, rows: Ok(rows) } => {
                self.database = Outage::default();
                self.is_cleaning_due = true;
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
                self.is_cleaning_due = false;
                // Without `keep`, only what an earlier one has left is removed.
                let again = more || self.relay.keep.is_some();
                self.clean_at = again.then(|| if more { now } else { now + CLEANING });
            }
            Answer::Renewed { renewed: Err(error), .. }
            | Answer::Released(Err(error))
            | Answer::Cleaned(Err(error)) => self.failed(error),
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
        if self.is_stale && limit.is_some() {
            // What comes before these rows in their lanes may be in hand no more: all are read again.
            self.look_at = now;
            return;
        }
        for row in &mut rows {
            row.suspect |= self.lease.suspects(row.shard, row.id);
        }
        match limit {
            None => {}
            Some(limit) if rows.len() >= limit => self.look_at = now,
            Some(_) => {
                self.look_at = now + self.following.min(self.relay.poll);
                self.following = (2 * self.following).max(FOLLOWING).min(self.relay.poll);
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
}
