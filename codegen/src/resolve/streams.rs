use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Context, aggregates, breaks, names};
use crate::codes;
use crate::model::{
    DeadLetters, Domain, Ownership, Payloads, Places, Storage, Stream, StreamLimits,
};
use crate::syntax::{
    CatalogFile, DeadLettersEntry, DomainFile, EventFile, PayloadSettings, StreamEntry,
    StreamSettings,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What holds where the catalog says nothing.
const LIMITS: StreamLimits = StreamLimits {
    storage: Storage::File,
    max_age: Some(Duration::from_secs(7 * 24 * 60 * 60)),
    max_bytes: Some(1 << 30),
    replicas: 1,
    duplicate_window: Duration::from_secs(120),
};

/// Domains, and the streams that they and the dead letters have.
pub(super) struct Declared {
    pub(super) domains: BTreeMap<String, Domain>,
    pub(super) streams: BTreeMap<String, Stream>,
    pub(super) dead_letters: DeadLetters,
}

/// The settings of `catalog.yaml` that streams start from.
struct Base<'a> {
    defaults: Option<&'a StreamSettings>,
    payloads: Option<&'a PayloadSettings>,
    environments: BTreeMap<&'a str, &'a StreamSettings>,
}

pub(super) fn resolve(
    file: Option<&CatalogFile>,
    files: &[DomainFile],
    events: &[EventFile],
    cx: &mut Context<'_>,
) -> Declared {
    let base = Base::of(file);
    let (dead_letters, stream) = dead_letters(file, &base, cx);
    let mut declared = Declared {
        domains: BTreeMap::new(),
        streams: BTreeMap::from([(stream.name.clone(), stream)]),
        dead_letters,
    };
    let named = cx.by_name("domain", files, |file| (&file.domain.value.0, file.domain.span));
    for (name, file) in named {
        let stream = stream_of(&name, file, &base, cx);
        declared.domains.insert(
            name.clone(),
            Domain {
                span: file.domain.span,
                name,
                summary: names::text(file.summary.as_ref()),
                description: names::text(file.description.as_ref()),
                owner: names::text(file.owner.as_ref()),
                stream: stream.name.clone(),
                aggregates: aggregates::read(file),
                breaks: breaks::read(file.breaks.as_ref()),
            },
        );
        declared.add(stream, cx);
    }
    declared.undeclared_domains(events, &base, cx);
    declared
}

impl Declared {
    fn add(&mut self, stream: Stream, cx: &mut Context<'_>) {
        if let Some(first) = self.streams.get(&stream.name) {
            let by = first.domain.as_deref().map_or_else(
                || "holds the dead letters".to_owned(),
                |domain| format!("belongs to the domain `{domain}`"),
            );
            cx.found.push(
                codes::STREAM_NAME_TAKEN
                    .at(stream.span, format!("the stream `{}` {by} already", stream.name))
                    .and(first.span, "first declared here")
                    .help("give the stream another `name`"),
            );
            return;
        }
        self.streams.insert(stream.name.clone(), stream);
    }

    /// Reports the domains that only events name, and makes up for them.
    fn undeclared_domains(&mut self, events: &[EventFile], base: &Base<'_>, cx: &mut Context<'_>) {
        for event in events {
            let name = domain_of(&event.event.value.0);
            if self.domains.contains_key(name) {
                continue;
            }
            let known: BTreeSet<&str> = self.domains.keys().map(String::as_str).collect();
            if !cx.unread.nameless && !cx.unread.domains.iter().any(|unread| unread == name) {
                let meant = crate::syntax::closest(name, known.into_iter());
                let finding = codes::UNKNOWN_DOMAIN
                    .at(event.event.span, format!("no file declares the domain `{name}`"))
                    .help(format!("write `domain: {name}` into a file `{name}/domain.yaml`"));
                cx.found.push(match meant {
                    Some(meant) => finding.labelled(format!("did you mean `{meant}.…`?")),
                    None => finding,
                });
                // Whoever refers to them by their right name is not mistaken too.
                let named = events.iter().map(|event| &event.event.value.0);
                cx.unread.events.extend(meant.into_iter().flat_map(|meant| {
                    let ours = named.clone().filter(|event| domain_of(event) == name);
                    ours.map(move |event| event.replacen(name, meant, 1))
                }));
            }
            let span = event.event.span;
            cx.gaps.insert(span);
            let stream = base.stream(default_name(name), Some(name), span, &StreamSettings::NONE);
            let domain = Domain {
                span,
                name: name.to_owned(),
                summary: None,
                description: None,
                owner: None,
                stream: stream.name.clone(),
                aggregates: BTreeMap::new(),
                breaks: Vec::new(),
            };
            self.domains.insert(name.to_owned(), domain);
            self.streams.entry(stream.name.clone()).or_insert(stream);
        }
    }
}

/// The first token of an event's type.
pub(super) fn domain_of(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}

fn default_name(domain: &str) -> String {
    format!("{}_EVENTS", domain.to_uppercase())
}

fn stream_of(domain: &str, file: &DomainFile, base: &Base<'_>, cx: &mut Context<'_>) -> Stream {
    let span = file.domain.span;
    let Some(entry) = &file.stream else {
        let mut stream =
            base.stream(default_name(domain), Some(domain), span, &StreamSettings::NONE);
        stream.payloads = payloads(base.payloads, None, &mut stream.places);
        return stream;
    };
    let name = entry.name.as_ref();
    let mut stream = base.stream(
        name.map_or_else(|| default_name(domain), |name| name.value.0.clone()),
        Some(domain),
        name.map_or(span, |name| name.span),
        &entry.settings(),
    );
    stream.payloads = payloads(base.payloads, entry.payloads.as_ref(), &mut stream.places);
    if let Some(partitions) = &entry.partitions {
        stream.places.set("partitions", partitions.span);
        stream.partitions = Some(partitions.value.0);
    }
    if let Some(ownership) = &entry.ownership {
        stream.ownership = ownership.value;
    }
    stream.bulk = entry.bulk.as_ref().is_some_and(|bulk| bulk.value);
    if let Some(subjects) = &entry.subjects {
        stream.places.set("subjects", subjects.span);
        if cx.has_error_within(subjects.span) {
            cx.gaps.insert(subjects.span);
        }
        let subjects = subjects.value.iter().map(|subject| subject.value.0.clone());
        stream.subjects = subjects.collect::<BTreeSet<_>>().into_iter().collect();
    }
    stream
}

fn dead_letters(
    file: Option<&CatalogFile>,
    base: &Base<'_>,
    cx: &Context<'_>,
) -> (DeadLetters, Stream) {
    let entry = file.and_then(|file| file.dead_letters.as_ref());
    let given = entry.and_then(|entry| entry.stream.as_ref());
    let subject = entry.and_then(|entry| entry.subject.as_ref());
    let span = given.map(|name| name.span).or(file.map(|file| file.catalog.span));
    let span = span.unwrap_or(cx.nowhere);
    let name = given.map_or_else(|| "DLQ_EVENTS".to_owned(), |name| name.value.0.clone());
    let settings = entry.map_or(StreamSettings::NONE, DeadLettersEntry::settings);
    let mut stream = base.stream(name.clone(), None, span, &settings);
    if settings.max_age.is_none() {
        // Dead letters wait for people, whatever the events' own streams do.
        for limits in std::iter::once(&mut stream.limits).chain(stream.environments.values_mut()) {
            limits.max_age = Some(30 * DAY);
        }
    }
    if let Some(ownership) = entry.and_then(|entry| entry.ownership.as_ref()) {
        stream.ownership = ownership.value;
    }
    let subject = subject.map_or_else(|| "dlq".to_owned(), |subject| subject.value.0.clone());
    let dead_letters = DeadLetters { stream: name, subject };
    let subjects = [&dead_letters.subject, &dead_letters.redrive_subject()];
    stream.subjects = subjects.map(|subject| format!("{subject}.>")).into();
    (dead_letters, stream)
}

impl<'a> Base<'a> {
    fn of(file: Option<&'a CatalogFile>) -> Self {
        let defaults = file.and_then(|file| file.defaults.as_ref());
        let payloads = defaults.and_then(|defaults| defaults.payloads.as_ref());
        let defaults = defaults.and_then(|defaults| defaults.stream.as_ref());
        let environments = file.and_then(|file| file.environments.as_ref());
        let environments = environments
            .iter()
            .flat_map(|environments| &environments.entries)
            .filter_map(|(name, environment)| {
                Some((name.value.0.as_str(), environment.as_ref()?.stream.as_ref()?))
            })
            .collect();
        Self { defaults, payloads, environments }
    }

    /// A stream: the defaults, then the environment's, then its own settings.
    fn stream(
        &self,
        name: String,
        domain: Option<&str>,
        span: crate::source::Span,
        own: &StreamSettings,
    ) -> Stream {
        let mut places = Places::default();
        let layers =
            |environment: Option<&'a StreamSettings>| self.defaults.into_iter().chain(environment);
        let limits = limits(layers(None).chain([own]), &mut places);
        let environments = self
            .environments
            .iter()
            .map(|(environment, settings)| {
                let layers = layers(Some(settings)).chain([own]);
                let mut own = Places::default();
                let limits = self::limits(layers, &mut own);
                places.extend(environment, own);
                ((*environment).to_owned(), limits)
            })
            .filter(|(_, changed)| *changed != limits)
            .collect();
        let subjects = domain.map(|domain| format!("{domain}.>")).into_iter().collect();
        let domain = domain.map(str::to_owned);
        let (partitions, payloads, ownership) = (None, Payloads::default(), Ownership::default());
        Stream {
            span,
            name,
            domain,
            subjects,
            partitions,
            payloads,
            bulk: false,
            ownership,
            limits,
            environments,
            places,
        }
    }
}

/// What becomes of large payloads: the defaults, then the stream's own word.
fn payloads(
    defaults: Option<&PayloadSettings>,
    own: Option<&PayloadSettings>,
    places: &mut Places,
) -> Payloads {
    let mut payloads = Payloads::default();
    for layer in defaults.into_iter().chain(own) {
        if let Some(threshold) = &layer.compress_above {
            payloads.compress_above = threshold.value.0.map(|size| size.0);
            places.set("payloads/compress_above", threshold.span);
        }
        if let Some(threshold) = &layer.claim_check_above {
            payloads.claim_check = threshold.value.0;
            places.set("payloads/claim_check_above", threshold.span);
        }
        if let Some(max_bytes) = &layer.max_bytes {
            payloads.max_bytes = max_bytes.value.0.map(|size| size.0);
            places.set("payloads/max_bytes", max_bytes.span);
        }
    }
    payloads
}

fn limits<'s>(
    layers: impl Iterator<Item = &'s StreamSettings>,
    places: &mut Places,
) -> StreamLimits {
    let mut limits = LIMITS;
    for layer in layers {
        if let Some(storage) = &layer.storage {
            limits.storage = storage.value;
            places.set("storage", storage.span);
        }
        if let Some(max_age) = &layer.max_age {
            limits.max_age = max_age.value.0;
            places.set("max_age", max_age.span);
        }
        if let Some(max_bytes) = &layer.max_bytes {
            limits.max_bytes = max_bytes.value.0.map(|size| size.0);
            places.set("max_bytes", max_bytes.span);
        }
        if let Some(replicas) = &layer.replicas {
            limits.replicas = replicas.value;
            places.set("replicas", replicas.span);
        }
        if let Some(window) = &layer.duplicate_window {
            limits.duplicate_window = window.value;
            places.set("duplicate_window", window.span);
        }
    }
    limits
}

impl StreamSettings {
    const NONE: Self = Self {
        storage: None,
        max_age: None,
        max_bytes: None,
        replicas: None,
        duplicate_window: None,
    };
}

/// Entries that hold a stream's limits among other keys.
macro_rules! settings {
    ($entry:ty) => {
        impl $entry {
            fn settings(&self) -> StreamSettings {
                StreamSettings {
                    storage: self.storage.clone(),
                    max_age: self.max_age.clone(),
                    max_bytes: self.max_bytes.clone(),
                    replicas: self.replicas.clone(),
                    duplicate_window: self.duplicate_window.clone(),
                }
            }
        }
    };
}

settings!(StreamEntry);
settings!(DeadLettersEntry);
