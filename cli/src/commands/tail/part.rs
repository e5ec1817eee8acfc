//! Which events are meant, stream by stream.

use std::collections::BTreeMap;

use tidings::catalog::StreamSpec;
use tidings::{Replay, ReplaySource, Tidings};
use tidings_codegen::subject;

use crate::failure::Failure;
use crate::online::known::Known;

/// The events of one stream that are meant.
#[derive(Clone, Debug)]
pub(super) struct Part {
    source: ReplaySource,
    pub(super) stream: &'static str,
    subject: Option<String>,
    event_types: Vec<String>,
    pub(super) organization: Option<String>,
    pub(super) key: Option<String>,
    /// The service that has published them, as it stands in their envelopes.
    pub(super) publisher: Option<String>,
}

impl Part {
    pub(super) fn new(source: impl Streamed) -> Self {
        let stream = source.stream();
        Self {
            source: source.into(),
            stream,
            subject: None,
            event_types: Vec::new(),
            organization: None,
            key: None,
            publisher: None,
        }
    }

    /// Reads them.
    pub(super) fn replay(&self, bus: &Tidings) -> Replay {
        let mut replay = bus.replay(self.source.clone());
        if let Some(subject) = &self.subject {
            replay = replay.subject(subject);
        }
        if let Some(organization) = &self.organization {
            replay = replay.organization(organization);
        }
        if let Some(key) = &self.key {
            replay = replay.key(key);
        }
        self.event_types.iter().fold(replay, Replay::event_type)
    }
}

/// What lies in one stream.
pub(super) trait Streamed: Into<ReplaySource> {
    fn stream(&self) -> &'static str;
}

impl Streamed for &'static StreamSpec {
    fn stream(&self) -> &'static str {
        self.name
    }
}

impl Streamed for &'static tidings::catalog::SubscriptionSpec {
    fn stream(&self) -> &'static str {
        self.stream
    }
}

impl Streamed for &'static tidings::EventSpec {
    fn stream(&self) -> &'static str {
        self.stream
    }
}

/// All streams of events.
pub(super) fn everything(known: &Known) -> Vec<Part> {
    events_of(known).map(Part::new).collect()
}

/// The streams of events; what is in that of the dead letters is `dlq`'s business.
fn events_of(known: &Known) -> impl Iterator<Item = &'static StreamSpec> {
    let dead_letters = known.runtime.dead_letters.stream;
    known.runtime.streams.iter().filter(move |stream| stream.name != dead_letters)
}

/// What a user calls by a name: an event, a stream, or a subject with wildcards.
pub(super) fn named(known: &Known, what: &str) -> Result<Vec<Part>, Failure> {
    if let Some(stream) = known.stream(what) {
        return Ok(vec![Part::new(stream)]);
    }
    if let Some(event) = known.catalog().events.get(what) {
        return Ok(vec![Part::new(known.spec(what, event.newest().id.major)?)]);
    }
    if !what.contains(['*', '>']) {
        let streams = known.runtime.streams.iter().map(|stream| stream.name);
        let names = known.catalog().events.keys().map(String::as_str).chain(streams);
        return Err(Failure::new(format!("the catalog has no event and no stream `{what}`"))
            .meant(what, names)
            .help("a subject is written with wildcards: `orders.>`"));
    }
    let of = |stream: &&'static StreamSpec| {
        stream.subjects.iter().any(|subject| subject::overlap(subject, what))
    };
    let parts: Vec<Part> = events_of(known)
        .filter(of)
        .map(|stream| Part { subject: Some(what.to_owned()), ..Part::new(stream) })
        .collect();
    if parts.is_empty() {
        let subjects = events_of(known).flat_map(|stream| stream.subjects.iter().copied());
        let subjects: Vec<&str> = subjects.collect();
        return Err(Failure::new(format!("no event of the catalog is on a subject like `{what}`"))
            .help(format!("its streams take {}", subjects.join(", "))));
    }
    Ok(parts)
}

/// What a service has published.
pub(super) fn of_service(known: &Known, name: &str) -> Result<Vec<Part>, Failure> {
    let service = known.service(name)?;
    let source = known.publisher(service).source;
    let mut streams: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for published in &service.publishes {
        let spec = known.spec(&published.event, published.major)?;
        streams.entry(spec.stream).or_default().push(published.event.clone());
    }
    if streams.is_empty() {
        return Err(Failure::new(format!("the service `{name}` publishes nothing"))
            .help("`--subscription <SERVICE>.<SUBSCRIPTION>` shows what it receives"));
    }
    let parts = streams.into_iter().filter_map(|(stream, event_types)| {
        let publisher = Some(source.to_owned());
        Some(Part { event_types, publisher, ..Part::new(known.stream(stream)?) })
    });
    Ok(parts.collect())
}
