//! What was committed, what lies in the streams, and who has handled it: whether anything was lost, and how long it took.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event_catalog::CATALOG;
use tidings::catalog::SubscriptionSpec;
use tidings::{EventSpec, Timestamp};

use crate::journal::Handled;
use crate::platform::{Platform, SUBSCRIPTIONS};

/// An event as its stream has it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The event.
    pub id: String,
    /// What happened.
    pub event_type: String,
    /// Who published it.
    pub publisher: String,
    /// The first event of the chain that it belongs to.
    pub correlation_id: Option<String>,
    /// The event that led to it.
    pub causation_id: Option<String>,
    /// When it happened.
    pub happened: Timestamp,
    /// How long that was ago when its stream took it.
    pub took: Duration,
}

/// Everything that a platform has told and handled for an organization.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The events in the streams, stream by stream, each in its order.
    pub stored: Vec<Stored>,
    /// Events that the services have committed with their own data.
    pub committed: u64,
    /// Events that wait in an outbox, or that the broker has refused.
    pub not_told: u64,
    /// What was handled, in that order.
    pub handled: Vec<Handled>,
}

/// What became of one kind of event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What happened.
    pub event_type: &'static str,
    /// Who published it.
    pub publisher: String,
    /// How many of them are in their stream.
    pub stored: u64,
    /// Of these, how many each of its consumers has handled.
    pub handled: BTreeMap<&'static str, u64>,
}

impl Proof {
    /// Reads the streams, and counts what the outboxes have kept.
    ///
    /// # Errors
    /// A stream or a database cannot be read.
    pub async fn of(platform: &Platform, organization: &str) -> anyhow::Result<Self> {
        let stored = Arc::new(Mutex::new(Vec::new()));
        let streams: HashSet<&str> = SUBSCRIPTIONS.iter().map(|spec| spec.stream).collect();
        for stream in CATALOG.streams.iter().filter(|stream| streams.contains(stream.name)) {
            let into = Arc::clone(&stored);
            let reading = platform.connections.operator().replay(stream).organization(organization);
            let reading = reading.each_untyped(move |arrival, _| {
                let envelope = arrival.envelope;
                let happened = envelope.time.unwrap_or(arrival.stored);
                let took = arrival.stored.duration_since(happened);
                into.lock().unwrap_or_else(PoisonError::into_inner).push(Stored {
                    id: envelope.id.into(),
                    event_type: envelope.event_type.into(),
                    publisher: service(&envelope.source).to_owned(),
                    correlation_id: envelope.correlation_id.map(Into::into),
                    causation_id: envelope.causation_id.map(Into::into),
                    happened,
                    took: Duration::try_from(took).unwrap_or_default(),
                });
                async { Ok(()) }
            });
            reading.await?;
        }
        let stored = std::mem::take(&mut *stored.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut committed, mut not_told) = (0, 0);
        for outbox in platform.outboxes() {
            let lag = outbox.lag().await?;
            not_told += lag.waiting + lag.dead;
            committed += outbox.kept().await? + lag.waiting + lag.dead;
        }
        Ok(Self { stored, committed, not_told, handled: platform.journal.entries() })
    }

    /// What became of each kind of event, in the catalog's order.
    pub fn lines(&self) -> Vec<Line> {
        let mut handled: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
        for entry in &self.handled {
            handled.entry(entry.service).or_default().insert(&entry.event_id);
        }
        let lines = CATALOG.events.iter().filter_map(|spec| {
            let of_type = |event: &&Stored| event.event_type == spec.event_type;
            let events: Vec<_> = self.stored.iter().filter(of_type).collect();
            let first = events.first()?;
            let by = |consumer: &&'static SubscriptionSpec| {
                let ids = handled.get(consumer.service);
                let has = |event: &&&Stored| ids.is_some_and(|ids| ids.contains(&*event.id));
                (consumer.service, events.iter().filter(has).count() as u64)
            };
            Some(Line {
                event_type: spec.event_type,
                publisher: first.publisher.clone(),
                stored: events.len() as u64,
                handled: consumers(spec).map(|consumer| by(&consumer)).collect(),
            })
        });
        lines.collect()
    }

    /// How many events were to be handled, once for each service that consumes them, and how many were.
    pub fn deliveries(&self) -> (u64, u64) {
        let lines = self.lines();
        let due = lines.iter().map(|line| line.stored * line.handled.len() as u64).sum();
        (due, lines.iter().flat_map(|line| line.handled.values()).sum())
    }

    /// How many of the committed events lie in the streams: those of services with an outbox.
    pub fn told(&self) -> u64 {
        let told = self.stored.iter().filter(|event| event.publisher != "catalog");
        told.map(|event| &event.id).collect::<HashSet<_>>().len() as u64
    }

    /// How many events lie in the streams a second time.
    pub fn doubled(&self) -> u64 {
        let ids: HashSet<_> = self.stored.iter().map(|event| &event.id).collect();
        (self.stored.len() - ids.len()) as u64
    }

    /// The events that happened while the broker was away.
    pub fn meanwhile(&self, absence: &Absence) -> impl Iterator<Item = &Stored> {
        let Absence { stopped, back } = *absence;
        self.stored.iter().filter(move |event| event.happened >= stopped && event.happened < back)
    }

    /// When everything that had happened until the broker was back was handled.
    pub fn caught_up(&self, absence: &Absence) -> Timestamp {
        let before = self.handled().filter(|entry| entry.happened < absence.back);
        before.map(|entry| done(entry.happened, entry.took)).max().unwrap_or(absence.back)
    }

    /// How long the events of a service took into their streams, but for those that an absence was in the way of.
    pub fn published(&self, service: &str, absence: Option<&Absence>) -> Spread {
        let disturbed = self.disturbed(absence);
        let events = self.stored.iter().filter(|event| event.publisher == service);
        Spread::of(events.filter(|e| !disturbed(e.happened, e.took)).map(|event| event.took))
    }

    /// How long it took until the handlers of events had come to their end, but for those that an absence was in the way of.
    pub fn end_to_end(&self, absence: Option<&Absence>) -> Spread {
        let disturbed = self.disturbed(absence);
        Spread::of(self.handled().filter(|e| !disturbed(e.happened, e.took)).map(|e| e.took))
    }

    /// Whether something that happened at this time, and took so long, had the broker's absence or what had piled up in its way.
    fn disturbed(&self, absence: Option<&Absence>) -> impl Fn(Timestamp, Duration) -> bool + use<> {
        let span = absence.map(|absence| (absence.stopped, self.caught_up(absence)));
        move |happened, took| {
            span.is_some_and(|(from, to)| happened < to && done(happened, took) > from)
        }
    }

    /// What was handled, the first time.
    fn handled(&self) -> impl Iterator<Item = &Handled> {
        let mut known = HashSet::new();
        self.handled.iter().filter(move |entry| known.insert((entry.service, &entry.event_id)))
    }

    /// Whether everything that was committed is in its stream once, and was handled by everybody who consumes it.
    ///
    /// # Errors
    /// Says what is missing, or there twice.
    pub fn holds(&self) -> anyhow::Result<()> {
        let Self { committed, not_told, .. } = self;
        anyhow::ensure!(*not_told == 0, "{not_told} events were not told");
        let (told, doubled) = (self.told(), self.doubled());
        anyhow::ensure!(told == *committed, "{committed} events were committed, {told} are stored");
        anyhow::ensure!(doubled == 0, "{doubled} events are stored twice");
        let (due, done) = self.deliveries();
        anyhow::ensure!(due == done, "{due} deliveries were due, {done} were handled");
        Ok(())
    }
}

fn done(happened: Timestamp, took: Duration) -> Timestamp {
    happened.saturating_add(took).unwrap_or(Timestamp::MAX)
}

/// The subscriptions that receive an event.
fn consumers(spec: &'static EventSpec) -> impl Iterator<Item = &'static SubscriptionSpec> {
    let receives = |filter: &str| match filter.strip_suffix('>') {
        Some(prefix) => spec.event_type.starts_with(prefix),
        None => filter == spec.event_type,
    };
    let consumes = move |consumer: &&SubscriptionSpec| {
        consumer.stream == spec.stream && consumer.filters.iter().any(|filter| receives(filter))
    };
    SUBSCRIPTIONS.iter().copied().filter(move |consumer| consumes(consumer))
}

/// The service in a source: `/tidings-samples/execution`.
fn service(source: &str) -> &str {
    source.rsplit('/').next().unwrap_or(source)
}

/// How long something took: half of all, nineteen of twenty, ninety-nine of a hundred, and the longest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many there were.
    pub count: usize,
    /// Half took no longer.
    pub p50: Duration,
    /// 95 % took no longer.
    pub p95: Duration,
    /// 99 % took no longer.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}

impl Spread {
    /// The spread of these.
    pub fn of(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut sorted: Vec<Duration> = durations.into_iter().collect();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { count: sorted.len(), p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }
}

/// A time in which the broker was away.
#[derive(Clone, Copy, Debug)]
pub struct Absence {
    /// It was stopped.
    pub stopped: Timestamp,
    /// It was started again.
    pub back: Timestamp,
}
