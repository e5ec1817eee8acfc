//! What streams hold, and what comes, in the order in which they took it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tidings::{Arrival, Replay, ReplayError, ReplayFailure, Tidings, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::part::Part;
use crate::failure::Failure;
use crate::online::explained::{apply_first, because};
use crate::online::runtime::Interruption;
use crate::output::Output;

/// The first look back is this many times as far as what is wanted, each further one this many times as far as the last.
const FURTHER: u64 = 8;
/// Events that wait to be shown.
const WAITING: usize = 64;

/// Something to show.
pub(super) enum Item {
    Event {
        arrival: Box<Arrival>,
        payload: String,
    },
    /// A message that is no event.
    Failure {
        stream: &'static str,
        failure: ReplayFailure,
    },
}

/// What of the past is shown.
pub(super) enum History {
    Last(usize),
    Since(Timestamp),
}

/// Streams that are shown.
pub(super) struct Tail<'t> {
    pub(super) bus: Tidings,
    pub(super) parts: Vec<Part>,
    pub(super) show: &'t dyn Fn(&Item) -> Result<(), Failure>,
    pub(super) output: &'t Output,
}

impl Tail<'_> {
    /// Shows what there was, and what comes, until it is interrupted or nobody reads any more.
    pub(super) async fn run(
        &self,
        history: History,
        follow: bool,
        mut interruption: Interruption,
    ) -> Result<(), Failure> {
        let ends = tokio::select! {
            biased;
            () = interruption.told() => return Ok(()),
            ends = self.ends() => ends?,
        };
        tokio::select! {
            biased;
            () = interruption.told() => return Ok(()),
            shown = async {
                match history {
                    History::Last(count) => self.last(count, &ends).await,
                    History::Since(since) => self.since(since, &ends).await,
                }
            } => shown?,
        }
        if follow && !self.output.closed() {
            self.follow(&ends, interruption).await?;
        }
        Ok(())
    }

    /// The last sequence of each part's stream as it is now.
    async fn ends(&self) -> Result<Vec<u64>, Failure> {
        let streams = self.bus.streams().map_err(|error| because(&error))?;
        let mut ends = Vec::new();
        for part in &self.parts {
            let name = self.bus.stream_name(part.stream);
            let stream = streams.info(&name).await.map_err(|error| because(&error))?;
            let missing = || apply_first(format!("the server has no stream `{name}`"));
            ends.push(stream.ok_or_else(missing)?.last);
        }
        Ok(ends)
    }

    /// Shows the newest of all parts.
    async fn last(&self, count: usize, ends: &[u64]) -> Result<(), Failure> {
        let (mut events, mut failures) = (Vec::new(), Vec::new());
        for (part, end) in self.parts.iter().zip(ends) {
            let found = newest(&self.bus, part, count, *end).await;
            let (own, failed) = found.map_err(|error| because(&error))?;
            events.extend(own);
            failures.extend(failed);
        }
        failures.iter().try_for_each(self.show)?;
        events.sort_by_key(|(arrival, _)| arrival.stored);
        let newest = events.len().saturating_sub(count);
        for (arrival, payload) in events.into_iter().skip(newest) {
            (self.show)(&Item::Event { arrival: Box::new(arrival), payload })?;
        }
        Ok(())
    }

    /// Shows what all parts hold since then, the oldest first.
    async fn since(&self, since: Timestamp, ends: &[u64]) -> Result<(), Failure> {
        let mut readers = JoinSet::new();
        let mut heads = Vec::new();
        for (part, end) in self.parts.iter().zip(ends).filter(|(_, end)| **end > 0) {
            let (sender, mut receiver) = mpsc::channel(WAITING);
            let replay = part.replay(&self.bus).since(since).to_sequence(*end);
            readers.spawn(sent(replay, part.clone(), sender));
            heads.push((receiver.recv().await, receiver));
        }
        while !self.output.closed() {
            let at = |head: &Option<Item>| match head {
                Some(Item::Event { arrival, .. }) => Some(arrival.stored),
                Some(Item::Failure { .. }) => Some(Timestamp::MIN),
                None => None,
            };
            let oldest = heads.iter_mut().filter(|(head, _)| head.is_some());
            let Some((head, receiver)) = oldest.min_by_key(|(head, _)| at(head)) else { break };
            if let Some(item) = std::mem::replace(head, receiver.recv().await) {
                (self.show)(&item)?;
            }
        }
        drop(heads);
        while let Some(ended) = readers.join_next().await {
            ended.map_err(|error| because(&error))?.map_err(|error| because(&error))?;
        }
        Ok(())
    }

    /// Shows what comes behind these ends.
    async fn follow(&self, ends: &[u64], mut interruption: Interruption) -> Result<(), Failure> {
        let (stop, stopped) = watch::channel(false);
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let mut readers = JoinSet::new();
        for (part, end) in self.parts.iter().zip(ends) {
            let mut stopped = stopped.clone();
            let until = async move {
                // It fails where nobody can tell any more.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            let replay = part.replay(&self.bus).from_sequence(end + 1).follow().until(until);
            readers.spawn(sent(replay, part.clone(), sender.clone()));
        }
        drop(sender);
        loop {
            let item = tokio::select! {
                biased;
                () = interruption.told() => break,
                item = receiver.recv() => item,
            };
            let Some(item) = item else { break };
            (self.show)(&item)?;
            if self.output.closed() {
                break;
            }
        }
        drop(receiver);
        // So that the server need not find out by itself that nobody reads.
        let _ = stop.send(true);
        while let Some(ended) = readers.join_next().await {
            ended.map_err(|error| because(&error))?.map_err(|error| because(&error))?;
        }
        Ok(())
    }
}

/// Sends what is replayed to whoever shows it, until nobody does.
async fn sent(replay: Replay, part: Part, to: mpsc::Sender<Item>) -> Result<(), ReplayError> {
    let (stream, failures) = (part.stream, to.clone());
    let report = move |failure: &ReplayFailure| {
        let failure = Item::Failure { stream, failure: failure.clone() };
        // Where there is no room, those that wait say enough.
        let _ = failures.try_send(failure);
    };
    let gone = to.clone();
    let sending = replay.skip_failures(report).each_untyped(move |arrival, payload| {
        let (to, is_meant) = (to.clone(), is_meant(&part, &arrival));
        async move {
            if is_meant {
                // Nobody shows it any more: it ends below.
                let _ = to.send(Item::Event { arrival: Box::new(arrival), payload }).await;
            }
            Ok(())
        }
    });
    tokio::select! {
        sent = sending => sent.map(drop),
        () = gone.closed() => Ok(()),
    }
}

fn is_meant(part: &Part, arrival: &Arrival) -> bool {
    part.publisher.as_ref().is_none_or(|publisher| arrival.envelope.source == *publisher)
}

type Found = (VecDeque<(Arrival, String)>, Vec<Item>);

/// The newest events of a part, and what is no event among them: it looks back further and further until there are enough, as
/// streams can be read forwards only.
async fn newest(bus: &Tidings, part: &Part, count: usize, end: u64) -> Result<Found, ReplayError> {
    let mut window = FURTHER.saturating_mul(count as u64);
    loop {
        let first = end.saturating_sub(window - 1).max(1);
        let failures = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&failures);
        let note = move |failure: &ReplayFailure| {
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(failure.clone());
        };
        let mut events = VecDeque::new();
        if end > 0 {
            let replay = part.replay(bus).from_sequence(first).to_sequence(end);
            let reading = replay.skip_failures(note).each_untyped(|arrival, payload| {
                if is_meant(part, &arrival) {
                    events.push_back((arrival, payload));
                    if events.len() > count {
                        events.pop_front();
                    }
                }
                std::future::ready(Ok(()))
            });
            reading.await?;
        }
        if first == 1 || events.len() >= count {
            let from = events.front().map_or(0, |(arrival, _)| arrival.place.sequence);
            let failures =
                std::mem::take(&mut *failures.lock().unwrap_or_else(PoisonError::into_inner));
            let near = failures.into_iter().filter(|failure| failure.sequence >= from);
            let stream = part.stream;
            return Ok((events, near.map(|failure| Item::Failure { stream, failure }).collect()));
        }
        window = window.saturating_mul(FURTHER);
    }
}
