//! What becomes of rows on their way to their streams.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Outage, Work, suspects};
use crate::outbox::OutboxError;
use crate::outbox::relay::flight::Landed;
use crate::outbox::relay::verdict::Verdict;
use crate::outbox::row::Waiting;
use crate::{BrokerError, Dialect, Outcome, Tidings};

/// The longest pauses while the broker or a stream is not there, or does not take anything.
const BROKER_PAUSE: Duration = Duration::from_secs(2);
const STREAM_PAUSE: Duration = Duration::from_secs(30);
/// How long an event waits whose copy is being stored.
const COPY_PAUSE: Duration = Duration::from_millis(50);

/// Rows of a stream that were looked for in it.
pub(super) struct Looked {
    stream: &'static str,
    rows: Vec<Waiting>,
    error: Option<BrokerError>,
}

impl<DB: Dialect> Work<DB> {
    /// Looks for suspects in their streams, each by itself.
    pub(super) fn look(&mut self) {
        let mut streams: HashMap<&'static str, Vec<Waiting>> = HashMap::new();
        for row in std::mem::take(&mut self.suspects) {
            match self.searched.contains(row.stream) {
                true => self.suspects.push(row),
                false => streams.entry(row.stream).or_default().push(row),
            }
        }
        for (stream, rows) in streams {
            self.searched.insert(stream);
            let bus = self.relay.bus.clone();
            self.looking.push(Box::pin(async move {
                let (rows, error) = suspects::look(bus, rows).await;
                Looked { stream, rows, error }
            }));
        }
    }

    /// A row has come back.
    pub(super) fn hear(&mut self, landed: Landed) {
        let Landed { row, outcome } = landed;
        let error = match outcome {
            Ok(known) => {
                tracing::debug!(
                    event_type = row.event_type,
                    id = row.event_id,
                    known,
                    "is in its stream"
                );
                self.count(&row, if known { Outcome::Duplicate } else { Outcome::Stored });
                self.report.relayed += 1;
                self.report.known += u64::from(known);
                self.broker = Outage::default();
                self.answers(row.stream);
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
            Verdict::Stream => self.withhold(row, &error, STREAM_PAUSE),
            Verdict::Silent => self.withhold(row, &error, BROKER_PAUSE),
            Verdict::Dead => {
                let (event_type, id) = (&row.event_type, &row.event_id);
                tracing::error!(event_type, id, %error, "an event was refused for good");
                self.count(&row, Outcome::Rejected);
                self.report.dead += 1;
                self.answers(row.stream);
                self.conclude(&row, Some(&error.to_string()));
            }
            Verdict::Over => {
                self.put_back(row, None);
                self.give_up(OutboxError::Broker(error));
            }
        }
    }

    /// A stream does not take a row: what is for it waits.
    ///
    /// One that says no is asked again with as many rows as ever. One that says nothing would have all that may be on its way
    /// for as long as it takes to give up waiting: it is asked with one row.
    fn withhold(&mut self, row: Waiting, error: &BrokerError, longest: Duration) {
        let (stream, now) = (row.stream, Instant::now());
        let outage = self.streams.entry(stream).or_default();
        outage.is_over(now);
        let pause = outage.failed(longest);
        if pause.is_zero() {
            // It is left alone already.
            return self.forget(&row);
        }
        let gone = self.hand.let_go(|other, _| other == stream);
        self.remember(&gone);
        tracing::warn!(stream, %error, ?pause, "events wait for their stream");
        if Verdict::of(error) == Verdict::Silent && self.lease.has(row.shard) {
            self.silent.insert(stream);
            self.hand.put_back(row, Some(now + pause));
        } else {
            self.silent.remove(stream);
            self.forget(&row);
        }
    }

    /// A stream has answered.
    fn answers(&mut self, stream: &'static str) {
        if !self.streams.is_empty() {
            self.streams.remove(stream);
            if self.silent.remove(stream) {
                self.look_at = Instant::now();
            }
        }
    }

    fn count(&mut self, row: &Waiting, outcome: Outcome) {
        let message = row.messages.iter().flatten().next();
        let largest = self.relay.bus.largest_payload();
        self.counted.ended(&row.event_type, message, outcome, largest);
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

    /// Rows have been looked for in their stream.
    pub(super) fn looked(&mut self, Looked { stream, rows, error }: Looked) {
        self.searched.remove(stream);
        let verdict = error.as_ref().map(Verdict::of);
        let error = match (verdict, error) {
            (Some(Verdict::Over), Some(error)) => {
                self.give_up(OutboxError::Broker(error));
                None
            }
            (Some(Verdict::Away), Some(error)) => {
                self.go_away(&error);
                None
            }
            (_, error) => error,
        };
        for row in rows {
            if suspects::is_found(&row) {
                self.hear(suspects::landed(row));
            } else if let Some(error) = error.as_ref().filter(|_| verdict == Some(Verdict::Silent))
            {
                self.withhold(row, error, BROKER_PAUSE);
            } else if verdict.is_some() || !self.lease.stands(Instant::now()) {
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
            let behind = self.hand.forget(&row);
            self.dropped(&behind);
            self.dropped(&[row]);
        }
    }

    /// A row is left to be read again.
    fn forget(&mut self, row: &Waiting) {
        let behind = self.hand.forget(row);
        self.remember(&behind);
        self.remember(std::slice::from_ref(row));
    }

    /// Lets go of what is not on its way, in these streams and shards.
    pub(super) fn let_go(&mut self, which: impl Fn(&str, i64) -> bool) {
        let gone = self.hand.let_go(which);
        self.dropped(&gone);
    }

    /// Rows are not in hand any more, and one of them may have been to find out whether its stream answers.
    pub(super) fn dropped(&mut self, gone: &[Waiting]) {
        for row in gone {
            self.silent.remove(row.stream);
        }
        self.remember(gone);
    }

    /// Rows that are let go of are read again, and some may have been sent.
    fn remember(&mut self, gone: &[Waiting]) {
        self.is_stale |= !gone.is_empty();
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
        self.away_since = Instant::now();
    }

    /// The broker can be reached, or never will be.
    pub(super) fn came_back(&mut self, back: Result<(), BrokerError>) {
        match back {
            Ok(()) => tracing::debug!("the broker answers again"),
            Err(error) => self.give_up(OutboxError::Broker(error)),
        }
    }
}

/// Returns once the broker can be reached, and not before the pause.
async fn back(bus: Tidings, pause: Duration) -> Result<(), BrokerError> {
    sleep(pause).await;
    bus.connected().await
}
