//! The broker inside this process: what the runtime relies on of JetStream, without a server.
//!
//! It runs no tasks. Whatever time brings about (expired messages, overdue deliveries) is caught up on when somebody
//! looks, and a [`Pull`] that waits sleeps until there will be something to see. Time is tokio's, which tests can pause.

mod advisory;
mod clock;
mod consumer;
mod core;
mod dedup;
mod faults;
#[cfg(test)]
pub(crate) mod fixture;
mod ingest;
mod link;
mod log;
mod publish;
mod pull;
mod reader;
mod settle;
mod stream;
mod subjects;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::time::Instant;

use self::clock::Clock;
use self::consumer::Consumer;
use self::core::Ears;
use self::link::Link;
use self::stream::{Next, Stream};
use self::subjects::{overlap, pattern, patterns};
use super::{
    BrokerError, BucketStream, ConnectionState, ConsumerSpec, ConsumerState, Outgoing, Page, Read,
    ReaderSpec, Stored, StoredMessage, StreamState, schedule,
};
use crate::broker::pattern::is_subject;
use crate::catalog::{StreamLimits, StreamSpec};

pub(crate) use self::core::Listening;
pub use self::faults::{Fault, Faults};
pub(super) use self::publish::told;
pub(crate) use self::{ingest::Ingest, pull::Pull, reader::Reader, settle::Settle};

// JetStream's codes for what this broker refuses.
const INVALID_CONFIG: u64 = 10052;
const WRONG_STREAM: u64 = 10060;
const SUBJECTS_OVERLAP: u64 = 10065;
const FILTERS_OVERLAP: u64 = 10138;
const STORE_FAILED: u64 = 10077;
const IN_FLIGHT: u64 = 10158;

/// Messages that are read at once.
const PAGE: usize = 1000;

/// What a server takes where nobody configured it.
const MAX_PAYLOAD: usize = 1024 * 1024;

/// The embedded broker; clones share their streams.
#[derive(Clone)]
pub(crate) struct Embedded {
    clock: Clock,
    state: Arc<Mutex<State>>,
    link: Link,
    faults: Faults,
}

#[derive(Default)]
struct State {
    closed: bool,
    ears: Ears,
    streams: BTreeMap<&'static str, Stream>,
}

impl Embedded {
    /// A broker without streams.
    pub(crate) fn new() -> Self {
        let link = Link::up();
        let faults = Faults::new(link.clone());
        Self { clock: Clock::start(), state: Arc::default(), link, faults }
    }

    /// What can be made to go wrong with this broker.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(crate) fn connection_state(&self) -> ConnectionState {
        self.link.now()
    }

    /// Whether the broker can be asked at once.
    pub(crate) fn is_up(&self) -> bool {
        self.link.is_up()
    }

    /// Returns once the broker can be asked.
    pub(crate) async fn reach(&self) -> Result<(), BrokerError> {
        self.link.reach().await
    }

    pub(crate) async fn latest_schedule(
        &self,
        stream: &str,
    ) -> Result<Option<Timestamp>, BrokerError> {
        self.reach().await?;
        self.with_stream(stream, |stream, now| {
            let max_age = stream.log().max_age();
            Ok(max_age.map(|max_age| self.clock.time_at(now + max_age)))
        })
    }

    pub(crate) async fn ensure_stream(
        &self,
        spec: &StreamSpec,
        limits: &StreamLimits,
    ) -> Result<(), BrokerError> {
        self.reach().await?;
        let mut subjects = patterns(spec.subjects, INVALID_CONFIG)?;
        subjects.push(pattern(&schedule::filter(spec.name))?);
        if limits.max_age.is_some_and(|max_age| limits.duplicate_window > max_age) {
            let description = "the duplicate window is longer than the maximum age";
            return Err(refused(INVALID_CONFIG, format!("stream `{}`: {description}", spec.name)));
        }
        self.with_state(|state, now| {
            for (name, other) in state.streams.iter().filter(|(name, _)| **name != spec.name) {
                if let Some((ours, theirs)) = overlap(&subjects, other.subjects()) {
                    let description =
                        format!("`{ours}` overlaps with `{theirs}` of stream `{name}`");
                    return Err(refused(SUBJECTS_OVERLAP, description));
                }
            }
            let new = || Stream::new(self.clock.time_at(now));
            let stream = state.streams.entry(spec.name).or_insert_with(new);
            stream.configure(spec.name, &subjects, limits, None);
            stream.take_loads(spec.bulk);
            Ok(())
        })
    }

    pub(crate) async fn ensure_bucket(&self, bucket: &BucketStream<'_>) -> Result<(), BrokerError> {
        self.reach().await?;
        let subjects: Vec<&str> = bucket.subjects.iter().map(String::as_str).collect();
        let subjects = patterns(&subjects, INVALID_CONFIG)?;
        let history = bucket.history.map_or(usize::MAX, usize::from);
        self.with_state(|state, now| {
            let new = || Stream::new(self.clock.time_at(now));
            let held = state.streams.entry(bucket.name).or_insert_with(new);
            held.configure(bucket.name, &subjects, bucket.limits, Some(history));
            Ok(())
        })
    }

    pub(crate) async fn ensure_consumer(&self, spec: &ConsumerSpec) -> Result<(), BrokerError> {
        self.reach().await?;
        let filters = patterns(spec.filters, FILTERS_OVERLAP)?;
        self.with_stream(spec.stream, |stream, now| {
            stream.ensure_durable(spec, filters, now);
            Ok(())
        })
    }

    pub(crate) async fn consumer_state(
        &self,
        stream: &str,
        durable: &str,
    ) -> Result<ConsumerState, BrokerError> {
        self.reach().await?;
        self.exhaust(stream, durable)?;
        let time = self.time();
        self.with_stream(stream, |found, now| {
            let consumer = found.consumer(durable).ok_or_else(|| missing(stream, durable))?;
            let ago = |at| now.saturating_duration_since(at);
            Ok(ConsumerState {
                pending: consumer.pending() as u64,
                unsettled: consumer.unsettled() as u64,
                max_unsettled: consumer.settings().max_ack_pending as u64,
                redelivered: consumer.redelivered() as u64,
                last_delivery: consumer.last_delivery().map(|at| time - ago(at)),
            })
        })
    }

    pub(crate) fn pull(&self, consumer: ConsumerSpec) -> Result<Pull, BrokerError> {
        let ConsumerSpec { stream, durable, .. } = consumer;
        self.with_stream(stream, |found, _| {
            let has = found.consumer(durable).ok_or_else(|| missing(stream, durable))?;
            let max_ack_pending = has.settings().max_ack_pending.try_into().unwrap_or(u32::MAX);
            Ok(Pull::new(self.clone(), ConsumerSpec { max_ack_pending, ..consumer }))
        })
    }

    pub(crate) fn reader(&self, spec: &ReaderSpec) -> Result<Reader, BrokerError> {
        let filters: Vec<&str> = spec.filters.iter().map(String::as_str).collect();
        let filters = patterns(&filters, FILTERS_OVERLAP)?;
        Ok(Reader::new(self.clone(), spec, filters))
    }

    pub(crate) async fn count(&self, stream: &str, filter: &str) -> Result<u64, BrokerError> {
        self.reach().await?;
        let filter = pattern(filter)?;
        self.with_stream(stream, |stream, _| Ok(stream.log().count(&filter)))
    }

    pub(crate) async fn stream_state(&self, stream: &str) -> Result<StreamState, BrokerError> {
        self.reach().await?;
        self.with_stream(stream, |stream, _| {
            let (created, last) = (stream.created(), stream.log().next_sequence() - 1);
            Ok(StreamState { created, last })
        })
    }

    pub(crate) async fn next_message(
        &self,
        stream: &str,
        filter: &str,
        from: u64,
    ) -> Result<Option<StoredMessage>, BrokerError> {
        self.reach().await?;
        let filter = pattern(filter)?;
        self.with_stream(stream, |stream, _| Ok(stream.log().find(&filter, from).cloned()))
    }

    pub(crate) async fn page(
        &self,
        stream: &str,
        filter: &str,
        from: u64,
        _carefully: bool,
    ) -> Result<Page, BrokerError> {
        self.reach().await?;
        let filter = pattern(filter)?;
        self.with_stream(stream, |stream, _| {
            let mut found = stream.log().all_of(&filter, from);
            let messages: Vec<Read> = found
                .by_ref()
                .take(PAGE)
                .map(|message| Read { message: message.clone(), malformed: None })
                .collect();
            Ok(Page { messages, more: found.next().is_some() })
        })
    }

    pub(crate) async fn last_message(
        &self,
        stream: &str,
        subject: &str,
    ) -> Result<Option<StoredMessage>, BrokerError> {
        self.reach().await?;
        let subject = pattern(subject)?;
        self.with_stream(stream, |stream, _| {
            let log = stream.log();
            Ok(log.get(log.last_of(&subject)).cloned())
        })
    }

    pub(crate) async fn remove_message(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<bool, BrokerError> {
        self.reach().await?;
        self.with_stream(stream, |stream, _| Ok(stream.remove(sequence)))
    }

    pub(crate) async fn purge(&self, stream: &str, subject: &str) -> Result<(), BrokerError> {
        self.reach().await?;
        self.with_stream(stream, |stream, _| {
            stream.purge(subject);
            Ok(())
        })
    }

    pub(crate) fn max_payload(&self) -> usize {
        MAX_PAYLOAD
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.clock.time_at(Instant::now())
    }

    pub(crate) async fn ping(&self) -> Result<(), BrokerError> {
        self.reach().await?;
        self.with_state(|_, _| Ok(()))
    }

    pub(crate) async fn close(&self) -> Result<(), BrokerError> {
        let lost = self.link.now() == ConnectionState::Disconnected;
        self.with_state(|state, _| {
            state.closed = true;
            state.ears.close();
            state.streams.values().for_each(Stream::wake_all);
            Ok(())
        })?;
        self.link.close();
        match lost {
            true => Err(BrokerError::Unavailable("closed while disconnected".into())),
            false => Ok(()),
        }
    }

    /// An operator's step: other limits, lower ones too.
    #[cfg(test)]
    pub(crate) fn set_limits(
        &self,
        stream: &str,
        limits: &StreamLimits,
    ) -> Result<(), BrokerError> {
        self.with_stream(stream, |stream, now| {
            stream.set_limits(limits);
            stream.enforce_limits(now);
            Ok(())
        })
    }

    /// Deletes a durable consumer; its pulls end with [`BrokerError::ConsumerMissing`].
    #[cfg(test)]
    pub(crate) async fn delete_consumer(
        &self,
        stream: &str,
        durable: &str,
    ) -> Result<(), BrokerError> {
        self.with_stream(stream, |stream, _| {
            stream.delete_durable(durable);
            Ok(())
        })
    }

    /// What a consumer has for a pull.
    fn next(&self, spec: &ConsumerSpec, room: bool) -> Result<Next, BrokerError> {
        self.exhaust(spec.stream, spec.durable)?;
        self.with_stream(spec.stream, |stream, now| {
            let next = stream.next(spec.durable, room, now);
            next.ok_or_else(|| missing(spec.stream, spec.durable))
        })
    }

    /// Tells a consumer what became of a delivery.
    fn change_consumer(
        &self,
        spec: &ConsumerSpec,
        change: impl FnOnce(&mut Consumer, Instant),
    ) -> Result<(), BrokerError> {
        self.with_stream(spec.stream, |stream, now| {
            let changed = stream.change_consumer(spec.durable, |consumer| change(consumer, now));
            changed.ok_or_else(|| missing(spec.stream, spec.durable))
        })
    }

    /// A stream as of now: what has expired is gone.
    fn with_stream<T>(
        &self,
        name: &str,
        act: impl FnOnce(&mut Stream, Instant) -> Result<T, BrokerError>,
    ) -> Result<T, BrokerError> {
        self.with_state(|state, now| {
            let stream = state.streams.get_mut(name);
            let stream = stream.ok_or_else(|| BrokerError::StreamMissing(name.into()))?;
            stream.enforce_limits(now);
            act(stream, now)
        })
    }

    fn is_closed(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed
    }

    fn with_state<T>(
        &self,
        act: impl FnOnce(&mut State, Instant) -> Result<T, BrokerError>,
    ) -> Result<T, BrokerError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(BrokerError::Closed);
        }
        act(&mut state, Instant::now())
    }
}

impl State {
    fn store(
        &mut self,
        message: &Outgoing,
        clock: Clock,
        now: Instant,
    ) -> Result<Stored, BrokerError> {
        self.ears.overhear(message);
        self.holder(message, now)?.store(message, clock.time_at(now), now)
    }

    /// The stream that a message is for, if it takes its subject; what has expired is gone.
    fn holder(&mut self, message: &Outgoing, now: Instant) -> Result<&mut Stream, BrokerError> {
        let (name, subject) = (message.stream, message.subject.as_str());
        let captures = |stream: &Stream| is_subject(subject) && stream.captures(subject);
        if !self.streams.get(name).is_some_and(captures) {
            let other = self.streams.iter().find(|(_, stream)| captures(stream));
            let (other, _) = other.ok_or_else(|| BrokerError::NoStream(subject.into()))?;
            let description = format!("`{subject}` belongs to stream `{other}`, not `{name}`");
            return Err(refused(WRONG_STREAM, description));
        }
        let stream = self.streams.get_mut(name);
        let stream = stream.ok_or_else(|| BrokerError::StreamMissing(name.into()))?;
        stream.enforce_limits(now);
        Ok(stream)
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

fn refused(code: u64, description: String) -> BrokerError {
    BrokerError::Refused { code, description }
}

fn missing(stream: &str, consumer: &str) -> BrokerError {
    BrokerError::ConsumerMissing { stream: stream.into(), consumer: consumer.into() }
}
