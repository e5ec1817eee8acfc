//! A stream: its messages, the ids it remembers and the consumers that read it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::time::Instant;

use super::clock::after;
use super::consumer::{Consumer, Due, Settings};
use super::dedup::Dedup;
use super::log::Log;
use super::{STORE_FAILED, pattern, refused};
use crate::broker::pattern::Pattern;
use crate::broker::{
    BrokerError, ConsumerSpec, DUPLICATE_IN_BATCH, MESSAGE_ID, Outgoing, ROLLUP, Stored,
    StoredMessage, keep, schedule, size,
};
use crate::catalog::{Start, StreamLimits};
use crate::message::headers::Headers;

/// What a file store adds to each message: lengths, sequence, time and a checksum.
const RECORD: usize = 34;

/// A stream and its consumers.
#[derive(Debug)]
pub(super) struct Stream {
    created: Timestamp,
    subjects: Vec<Pattern>,
    /// Whether it takes bulk loads.
    bulk: bool,
    /// Its limits, and for a bucket how many values of each key it keeps; none before it is configured.
    bounds: Option<(StreamLimits, Option<usize>)>,
    log: Log,
    dedup: Dedup,
    durables: BTreeMap<&'static str, Durable>,
    /// When which message is to be stored on another subject.
    schedules: BTreeSet<(Instant, u64)>,
    /// Told of each message that comes, and of the end.
    arrivals: Arc<Notify>,
}

/// A consumer, and the pulls that wait for it to have something.
#[derive(Debug)]
struct Durable {
    consumer: Consumer,
    sooner: Arc<Notify>,
}

/// What a pull finds.
pub(super) enum Next {
    /// A message.
    Message { message: StoredMessage, attempt: u64 },
    /// Nothing, until the given time at the latest or until `sooner`, whichever comes first.
    Wait { until: Option<Instant>, sooner: OwnedNotified },
}

impl Stream {
    /// An empty stream that captures nothing.
    pub(super) fn new(created: Timestamp) -> Self {
        Self {
            created,
            subjects: Vec::new(),
            bulk: false,
            bounds: None,
            log: Log::new(),
            dedup: Dedup::default(),
            durables: BTreeMap::new(),
            schedules: BTreeSet::new(),
            arrivals: Arc::default(),
        }
    }

    /// Changes what the stream captures and its limits, which the next look at it [enforces](Self::enforce_limits). A
    /// bucket's stream keeps only so many messages of each subject, and refuses what is too much.
    pub(super) fn configure(
        &mut self,
        name: &str,
        subjects: &[Pattern],
        limits: &StreamLimits,
        history: Option<usize>,
    ) {
        let (limits, history) = match &self.bounds {
            Some((has, values)) => {
                let history =
                    values.zip(history).map(|(has, wants)| keep::history(name, has, wants));
                (keep::limits(name, has, limits), history)
            }
            None => (limits.clone(), history),
        };
        self.subjects = keep::patterns(&self.subjects, subjects);
        self.log.set_limits(&limits, history);
        self.dedup.set_window(limits.duplicate_window);
        self.bounds = Some((limits, history));
        self.wake_all();
    }

    /// Whether it is to take bulk loads. What it takes it goes on to take.
    pub(super) fn take_loads(&mut self, bulk: bool) {
        self.bulk |= bulk;
    }

    pub(super) fn takes_loads(&self) -> bool {
        self.bulk
    }

    /// When it was created.
    pub(super) fn created(&self) -> Timestamp {
        self.created
    }

    /// Other limits, lower ones too, as an operator may set.
    #[cfg(test)]
    pub(super) fn set_limits(&mut self, limits: &StreamLimits) {
        self.log.set_limits(limits, None);
        self.wake_all();
    }

    /// What the stream captures.
    pub(super) fn subjects(&self) -> &[Pattern] {
        &self.subjects
    }

    /// Whether a message on this subject belongs here.
    pub(super) fn captures(&self, subject: &str) -> bool {
        self.subjects.iter().any(|pattern| pattern.matches(subject))
    }

    /// Stores a message. As on a server, an expectation that fails comes before a duplicate.
    pub(super) fn store(
        &mut self,
        outgoing: &Outgoing,
        time: Timestamp,
        now: Instant,
    ) -> Result<Stored, BrokerError> {
        if let Some(expected) = outgoing.expected_last_subject_sequence {
            let actual = match &outgoing.expected_filter {
                Some(filter) => self.log.last_of(&pattern(filter)?),
                None => self.log.last_on(&outgoing.subject),
            };
            if actual != expected {
                return Err(BrokerError::Conflict { actual: Some(actual) });
            }
        }
        if let Some(sequence) = self.dedup.find(&outgoing.message_id, now) {
            return Ok(Stored { sequence, duplicate: true });
        }
        let size = stored_size(outgoing);
        if self.log.is_full_for(&outgoing.subject, size) {
            return Err(refused(STORE_FAILED, "maximum bytes exceeded".to_owned()));
        }
        let due = self.schedule(outgoing, time, now)?;
        let sequence = self.log.next_sequence();
        let mut headers = outgoing.headers.clone();
        if !outgoing.message_id.is_empty() {
            headers.push_received(MESSAGE_ID, outgoing.message_id.clone());
        }
        let message = StoredMessage {
            subject: outgoing.subject.as_str().into(),
            headers,
            payload: outgoing.payload.clone(),
            sequence,
            time,
        };
        self.append(message, size, now);
        self.dedup.remember(&outgoing.message_id, sequence, now);
        if let Some(due) = due {
            self.schedules.insert((due, sequence));
            // Whoever waits for a message has to know when there will be one.
            self.wake_all();
        }
        let rolls_up = outgoing.headers.get(ROLLUP) == Some("sub");
        while let Some(excess) = self.log.excess_on(&outgoing.subject, rolls_up) {
            self.remove(excess);
        }
        self.enforce_limits(now);
        self.arrivals.notify_waiters();
        Ok(Stored { sequence, duplicate: false })
    }

    /// Stores messages all or not at all. As on a server, an id that is known comes before an expectation that fails, and
    /// only the first message on a subject may expect something of it.
    pub(super) fn store_all(
        &mut self,
        messages: &[Outgoing],
        time: Timestamp,
        now: Instant,
    ) -> Result<Stored, BrokerError> {
        let (mut ids, mut subjects) = (HashSet::new(), HashSet::<&str>::new());
        for message in messages {
            let id = message.message_id.as_str();
            if !ids.insert(id) || self.dedup.find(id, now).is_some() {
                let description = format!("`{id}` is known");
                return Err(BrokerError::Refused { code: DUPLICATE_IN_BATCH, description });
            }
            if let Some(expected) = message.expected_last_subject_sequence {
                let (actual, first) = match &message.expected_filter {
                    Some(filter) => {
                        let of = pattern(filter)?;
                        let first = !subjects.iter().any(|subject| of.matches(subject));
                        (self.log.last_of(&of), first)
                    }
                    None => {
                        let subject = message.subject.as_str();
                        (self.log.last_on(subject), !subjects.contains(subject))
                    }
                };
                if actual != expected || !first {
                    return Err(BrokerError::Conflict { actual: Some(actual) });
                }
            }
            subjects.insert(message.subject.as_str());
        }
        let mut last = Stored { sequence: 0, duplicate: false };
        for message in messages {
            last = self.store(message, time, now)?;
        }
        Ok(last)
    }

    /// The place of the message that was stored under this id within the window.
    pub(super) fn remembered(&mut self, id: &str, now: Instant) -> Option<u64> {
        self.dedup.find(id, now)
    }

    /// When a message is to be stored on another subject, if it says so. It takes the place of the one before it.
    fn schedule(
        &mut self,
        outgoing: &Outgoing,
        time: Timestamp,
        now: Instant,
    ) -> Result<Option<Instant>, BrokerError> {
        let Some(pattern) = outgoing.headers.get(schedule::SCHEDULE) else { return Ok(None) };
        let refused = |code, description: &str| {
            Err(BrokerError::Refused { code, description: description.to_owned() })
        };
        let Some(at) = schedule::time(pattern) else {
            return refused(10189, "message schedules pattern is invalid");
        };
        let target = outgoing.headers.get(schedule::TARGET);
        if !target.is_some_and(|target| target != &*outgoing.subject && self.captures(target)) {
            return refused(10190, "message schedules target is invalid");
        }
        let before = self.log.last_on(&outgoing.subject);
        self.remove(before);
        let wait = Duration::try_from(at.duration_since(time)).unwrap_or_default();
        Ok(Some(after(now, wait)))
    }

    /// Stores what was to be stored by now.
    fn fire(&mut self, now: Instant) {
        while let Some(&(due, sequence)) = self.schedules.first()
            && due <= now
        {
            self.schedules.pop_first();
            // It may have been taken back.
            let Some(held) = self.log.get(sequence).cloned() else { continue };
            self.remove(sequence);
            let header = |name| held.headers.get(name).map(str::to_owned);
            let Some(subject) = header(schedule::TARGET) else { continue };
            let time = header(schedule::SCHEDULE).and_then(|pattern| schedule::time(&pattern));
            let mut headers = Headers::new();
            for (name, value) in held.headers.iter() {
                if ![schedule::SCHEDULE, schedule::TARGET, MESSAGE_ID].contains(&name) {
                    headers.push_received(name.to_owned(), value.to_owned());
                }
            }
            let size = (RECORD + subject.len() + held.payload.len()) as u64;
            let message = StoredMessage {
                subject: subject.into(),
                headers,
                payload: held.payload,
                sequence: self.log.next_sequence(),
                time: time.map_or(held.time, |time| time.max(held.time)),
            };
            self.append(message, size, now);
        }
    }

    /// Appends a message, and offers it to the consumers.
    fn append(&mut self, message: StoredMessage, size: u64, now: Instant) {
        let (sequence, subject) = (message.sequence, message.subject.clone());
        self.log.append(message, size, now);
        for durable in self.durables.values_mut() {
            durable.change(|consumer| consumer.offer(sequence, &subject));
        }
    }

    /// Does what time has brought about: stores what was scheduled, removes what is too old or too much, and lets the
    /// consumers know.
    pub(super) fn enforce_limits(&mut self, now: Instant) {
        self.fire(now);
        while let Some(removed) = self.log.pop_excess(now) {
            for durable in self.durables.values_mut() {
                durable.change(|consumer| consumer.forget(removed));
            }
        }
    }

    /// Removes a message, lets the consumers know, and tells whether it was there.
    pub(super) fn remove(&mut self, sequence: u64) -> bool {
        let found = self.log.remove(sequence);
        if found {
            for durable in self.durables.values_mut() {
                durable.change(|consumer| consumer.forget(sequence));
            }
        }
        found
    }

    /// Removes every message on a subject.
    pub(super) fn purge(&mut self, subject: &str) {
        loop {
            match self.log.last_on(subject) {
                0 => return,
                last => _ = self.remove(last),
            }
        }
    }

    /// Ready once another message has come, or the broker has closed.
    pub(super) fn arrival(&self) -> OwnedNotified {
        Arc::clone(&self.arrivals).notified_owned()
    }

    /// When the next message comes that is stored already, for later.
    pub(super) fn scheduled(&self) -> Option<Instant> {
        self.schedules.first().map(|(due, _)| *due)
    }

    /// The messages that the stream holds.
    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    /// Creates a durable consumer, or changes the settings of the one that exists.
    pub(super) fn ensure_durable(
        &mut self,
        spec: &ConsumerSpec,
        filters: Vec<Pattern>,
        now: Instant,
    ) {
        let (log, ConsumerSpec { ack_wait, max_ack_pending, .. }) = (&self.log, *spec);
        let most = |pending: u32| usize::try_from(pending).unwrap_or(usize::MAX);
        let wanted = Settings { filters, ack_wait, max_ack_pending: most(max_ack_pending) };
        let Some(durable) = self.durables.get_mut(spec.durable) else {
            let cursor = match spec.start {
                Start::All => 0,
                Start::New => log.next_sequence(),
            };
            self.durables.insert(spec.durable, Durable::new(wanted, cursor, log));
            return;
        };
        let has = durable.consumer.settings();
        let unsettled = u32::try_from(has.max_ack_pending).unwrap_or(u32::MAX);
        let (ack_wait, max_ack_pending) = keep::unsettled(spec, has.ack_wait, unsettled);
        let filters = match (has.filters.as_slice(), wanted.filters.as_slice()) {
            // One of them reads everything.
            ([], _) | (_, []) => Vec::new(),
            (has, wants) => keep::patterns(has, wants),
        };
        let settings = Settings { filters, ack_wait, max_ack_pending: most(max_ack_pending) };
        durable.change(|consumer| {
            if let Some(from) = consumer.configure(settings, now) {
                offer_all(consumer, log, from);
            }
        });
    }

    /// Deletes a durable consumer, whose pulls end.
    #[cfg(test)]
    pub(super) fn delete_durable(&mut self, name: &str) {
        if let Some(durable) = self.durables.remove(name) {
            durable.sooner.notify_waiters();
        }
    }

    /// Reads a consumer; `None` if it does not exist.
    pub(super) fn consumer(&self, durable: &str) -> Option<&Consumer> {
        self.durables.get(durable).map(|durable| &durable.consumer)
    }

    /// Changes a consumer and wakes its pulls where that matters to them; `None` if it does not exist.
    pub(super) fn change_consumer(
        &mut self,
        durable: &str,
        change: impl FnOnce(&mut Consumer),
    ) -> Option<()> {
        self.durables.get_mut(durable).map(|durable| durable.change(change))
    }

    /// Hands a consumer's next message to a pull that has room; `None` if the consumer does not exist.
    pub(super) fn next(&mut self, durable: &str, room: bool, now: Instant) -> Option<Next> {
        let Self { log, durables, schedules, .. } = self;
        let durable = durables.get_mut(durable)?;
        if !room {
            return Some(Next::Wait { until: None, sooner: durable.sooner() });
        }
        let handed_out = durable.change(|consumer| consumer.next(log.next_sequence(), now));
        let found = handed_out.and_then(|(sequence, attempt)| Some((log.get(sequence)?, attempt)));
        if let Some((message, attempt)) = found {
            return Some(Next::Message { message: message.clone(), attempt });
        }
        let consumer = &durable.consumer;
        let delivery = match consumer.due() {
            Due::Now => Some(now),
            Due::At(deadline) => Some(deadline),
            Due::Never => None,
        };
        // A message that grows too old while it is unsettled makes room for a new one.
        let room = log.oldest_expires().filter(|_| consumer.is_full());
        let scheduled = schedules.first().map(|(due, _)| *due);
        let until = delivery.into_iter().chain(room).chain(scheduled).min();
        Some(Next::Wait { until, sooner: durable.sooner() })
    }

    /// Lets every waiting pull look again.
    pub(super) fn wake_all(&self) {
        self.arrivals.notify_waiters();
        for durable in self.durables.values() {
            durable.sooner.notify_waiters();
        }
    }
}

impl Durable {
    fn new(settings: Settings, cursor: u64, log: &Log) -> Self {
        let mut consumer = Consumer::new(settings, cursor);
        offer_all(&mut consumer, log, cursor);
        Self { consumer, sooner: Arc::default() }
    }

    /// Wakes the waiting pulls if the change brings a message sooner than they have been told.
    fn change<T>(&mut self, change: impl FnOnce(&mut Consumer) -> T) -> T {
        let before = self.consumer.due();
        let outcome = change(&mut self.consumer);
        if self.consumer.due() < before {
            self.sooner.notify_waiters();
        }
        outcome
    }

    /// Completes with the next wake-up after this call, polled by then or not.
    fn sooner(&self) -> OwnedNotified {
        Arc::clone(&self.sooner).notified_owned()
    }
}

fn offer_all(consumer: &mut Consumer, log: &Log, from: u64) {
    for message in log.from(from) {
        consumer.offer(message.sequence, &message.subject);
    }
}

/// Bytes that a message takes of its stream's limit.
pub(super) fn stored_size(message: &Outgoing) -> u64 {
    (RECORD + message.subject.len() + size::published(message)) as u64
}
