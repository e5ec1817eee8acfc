mod methods;
mod partitions;

use std::collections::{BTreeMap, BTreeSet};

use super::settings::{self, Settings};
use super::{Context, breaks, names};
use crate::codes;
use crate::model::{
    CoreSubjects, Domain, Event, EventId, Places, Published, Service, Subscribed, Subscription,
};
use crate::naming;
use crate::source::Span;
use crate::subject::{covers, overlap};
use crate::syntax::{
    CatalogFile, Defaults, EventRef, Filter, ServiceFile, Spanned, SubscriptionEntry, list,
};

type Events = BTreeMap<EventId, Event>;

struct Resolver<'r, 'c> {
    defaults: Option<&'r Defaults>,
    events: &'r Events,
    domains: &'r BTreeMap<String, Domain>,
    cx: &'r mut Context<'c>,
}

pub(super) fn resolve(
    file: Option<&CatalogFile>,
    files: &[ServiceFile],
    events: &Events,
    domains: &BTreeMap<String, Domain>,
    cx: &mut Context<'_>,
) -> BTreeMap<String, Service> {
    let named = cx.by_name("service", files, |file| (&file.service.value.0, file.service.span));
    let defaults = file.and_then(|file| file.defaults.as_ref());
    let mut resolver = Resolver { defaults, events, domains, cx };
    named.into_iter().map(|(name, file)| (name, resolver.service(file))).collect()
}

impl<'r> Resolver<'r, '_> {
    fn service(&mut self, file: &ServiceFile) -> Service {
        let name = &file.service.value.0;
        let mut subscriptions = BTreeMap::new();
        for (key, entry) in file.subscriptions.iter().flat_map(|entries| &entries.entries) {
            let Some(entry) = entry else { continue };
            if let Some(subscription) = self.subscription(name, &key.value.0, key.span, entry) {
                subscriptions.insert(key.value.0.clone(), subscription);
            }
        }
        Service {
            span: file.service.span,
            name: name.clone(),
            summary: names::text(file.summary.as_ref()),
            description: names::text(file.description.as_ref()),
            owner: names::text(file.owner.as_ref()),
            validate: settings::validates_sent(self.defaults, file),
            publishes: self.publishes(file),
            schedules: file.schedules.as_ref().is_some_and(|schedules| schedules.value),
            replays: file.replays.as_ref().is_some_and(|replays| replays.value),
            buckets: self.buckets(file),
            core: self.core(file),
            subscriptions,
            breaks: breaks::read(file.breaks.as_ref()),
        }
    }

    fn buckets(&mut self, file: &ServiceFile) -> BTreeSet<String> {
        let mut named: BTreeMap<&str, Span> = BTreeMap::new();
        for bucket in file.buckets.iter().flat_map(|list| &list.value) {
            let (name, span) = (bucket.value.0.as_str(), bucket.span);
            match named.get(name) {
                Some(first) => self.repeated(name, span, *first),
                None => _ = named.insert(name, span),
            }
        }
        named.into_keys().map(str::to_owned).collect()
    }

    fn core(&mut self, file: &ServiceFile) -> CoreSubjects {
        let Some(core) = &file.core else { return CoreSubjects::default() };
        let mut named = |list: &Option<Spanned<Vec<Spanned<Filter>>>>| {
            let mut named: BTreeMap<String, Span> = BTreeMap::new();
            for subject in list.iter().flat_map(|list| &list.value) {
                let (text, span) = (subject.value.0.as_str(), subject.span);
                match named.get(text) {
                    Some(first) => self.repeated(text, span, *first),
                    None => _ = named.insert(text.to_owned(), span),
                }
            }
            named
        };
        CoreSubjects {
            publish: named(&core.publish),
            subscribe: named(&core.subscribe),
            answer: named(&core.answer),
        }
    }

    fn publishes(&mut self, file: &ServiceFile) -> Vec<Published> {
        let mut published: Vec<Published> = Vec::new();
        for reference in file.publishes.iter().flat_map(|list| &list.value) {
            let span = reference.span;
            if reference.value.is_pattern() {
                self.cx.found.push(
                    codes::PATTERN_PUBLISHED
                        .at(span, "a service publishes events, not a pattern")
                        .help("name each event: a publisher has one method for each"),
                );
                continue;
            }
            let Some((event, major)) = self.find(reference) else { continue };
            let method_name = String::new();
            let new = Published { span, event: event.id.clone(), major, method_name };
            match published.iter().find(|old| old.event == new.event && old.major == major) {
                Some(old) => self.repeated(&new.event, span, old.span),
                None => published.push(new),
            }
        }
        let majors = published.iter().map(|one| (&one.event, one.major));
        let names = self.method_names(methods::OF_PUBLISHERS, majors);
        for (one, name) in published.iter_mut().zip(names) {
            one.method_name = name;
        }
        published
    }

    fn subscription(
        &mut self,
        service: &str,
        name: &str,
        span: Span,
        entry: &SubscriptionEntry,
    ) -> Option<Subscription> {
        if entry.events.value.is_empty() && !self.cx.has_error_within(entry.events.span) {
            self.cx.found.push(
                codes::SUBSCRIPTION_EMPTY
                    .at(entry.events.span, format!("the subscription `{name}` receives nothing"))
                    .help("name an event, or remove the subscription"),
            );
        }
        let (events, filters) = self.subscribed(&entry.events.value);
        let stream = self.stream(name, &events)?;
        let mut places = Places::default();
        let settings = Settings::new(self.defaults, entry, &mut places);
        let durable = format!("{service}-{name}");
        let received: Vec<&Event> =
            events.iter().filter_map(|one| self.events.get(&one.event)).collect();
        let partitions = match settings.ordered_by_key {
            true => partitions::divide(&durable, &received),
            false => Vec::new(),
        };
        let filters = partitions.first().map_or(filters, |first| first.filters.clone());
        Some(Subscription {
            span,
            name: name.to_owned(),
            rust_name: naming::pascal(name),
            summary: names::text(entry.summary.as_ref()),
            durable,
            stream,
            filters,
            partitions,
            events,
            concurrency: settings.concurrency,
            ordered_by_key: settings.ordered_by_key,
            ack_wait: settings.ack_wait,
            handler_timeout: settings.handler_timeout,
            max_ack_pending: settings.max_ack_pending,
            start: settings.start,
            breaker: settings.breaker,
            idempotent: settings.idempotent,
            retention: settings.retention,
            alerts: settings.alerts,
            validate: settings::validates_received(self.defaults, entry, &mut places),
            retry: self.cx.retry(self.defaults, entry.retry.as_ref(), &mut places),
            places,
        })
    }

    /// The events of a subscription, patterns expanded, and the filters of its consumer.
    fn subscribed(&mut self, references: &[Spanned<EventRef>]) -> (Vec<Subscribed>, Vec<String>) {
        let mut subscribed: Vec<Subscribed> = Vec::new();
        let mut filters = BTreeSet::new();
        let named: BTreeSet<&str> = references.iter().map(|one| one.value.text.as_str()).collect();
        for reference in references {
            let span = reference.span;
            let found = if reference.value.is_pattern() {
                let matched = self.matched(reference);
                if !matched.is_empty() {
                    filters.insert(reference.value.text.clone());
                }
                let divided = matched.iter().filter(|(event, _)| event.partitions.is_some());
                filters.extend(divided.flat_map(|(event, _)| event.filters()));
                // An event that is named beside the pattern is meant as it is named.
                matched
                    .into_iter()
                    .filter(|(event, _)| !named.contains(event.id.as_str()))
                    .collect()
            } else {
                let found = self.find(reference);
                filters.extend(found.into_iter().flat_map(|(event, _)| event.filters()));
                Vec::from_iter(found)
            };
            for (event, major) in found {
                let method_name = String::new();
                let new = Subscribed { span, event: event.id.clone(), major, method_name };
                match subscribed.iter().find(|old| old.event == new.event && old.major == major) {
                    // Two patterns may meet; naming an event twice is a slip.
                    Some(_) if reference.value.is_pattern() => {}
                    Some(old) => self.repeated(&new.event, span, old.span),
                    None => subscribed.push(new),
                }
            }
        }
        let majors = subscribed.iter().map(|one| (&one.event, one.major));
        let names = self.method_names(methods::OF_HANDLERS, majors);
        for (one, name) in subscribed.iter_mut().zip(names) {
            one.method_name = name;
        }
        let all: Vec<String> = filters.into_iter().collect();
        let covered = |one: &String| all.iter().any(|other| other != one && covers(other, one));
        let filters = all.iter().filter(|one| !covered(one)).cloned().collect();
        (subscribed, filters)
    }

    /// A method's name for each of these events, all of which are known.
    fn method_names<'e>(
        &self,
        reserved: &[&str],
        majors: impl Iterator<Item = (&'e EventId, u16)>,
    ) -> Vec<String> {
        let events: Vec<(&Event, u16)> =
            majors.filter_map(|(id, major)| Some((self.events.get(id)?, major))).collect();
        methods::names(reserved, &events)
    }

    /// The events whose subjects a pattern matches, sorted.
    fn matched(&mut self, pattern: &Spanned<EventRef>) -> Vec<(&'r Event, u16)> {
        let events = self.events;
        let matching: Vec<&Event> = events
            .values()
            .filter(|event| overlap(&pattern.value.text, &event.subject.filter()))
            .collect();
        if matching.is_empty() && !self.cx.unread.may_match(&pattern.value.text) {
            self.cx.found.push(
                codes::EMPTY_PATTERN
                    .at(pattern.span, format!("no event matches `{}`", pattern.value.text))
                    .help("`*` stands for exactly one token, `>` for one or more at the end"),
            );
        }
        matching
            .into_iter()
            .filter_map(|event| {
                let major = match pattern.value.major {
                    Some(major) => self.major(event, major, pattern.span)?,
                    None => event.newest().id.major,
                };
                Some((event, major))
            })
            .collect()
    }

    /// The event that a reference names.
    fn find(&mut self, reference: &Spanned<EventRef>) -> Option<(&'r Event, u16)> {
        let name = reference.value.text.as_str();
        let Some(event) = self.events.get(name) else {
            self.cx.no_event(name, reference.span, self.events);
            return None;
        };
        let major = match reference.value.major {
            Some(major) => self.major(event, major, reference.span)?,
            None => event.newest().id.major,
        };
        Some((event, major))
    }

    fn major(&mut self, event: &Event, major: u16, span: Span) -> Option<u16> {
        let majors = event.majors();
        if majors.contains_key(&major) {
            return Some(major);
        }
        if !self.cx.is_unread_version(&event.id, major) {
            let known: Vec<String> = majors.keys().map(ToString::to_string).collect();
            self.cx.found.push(
                codes::UNKNOWN_VERSION
                    .at(span, format!("`{}` has no major version {major}", event.id))
                    .and(event.span, "declared here")
                    .help(format!("its major versions: {}", list(&known))),
            );
        }
        None
    }

    fn repeated(&mut self, event: &str, again: Span, first: Span) {
        self.cx.found.push(
            codes::DUPLICATE_REFERENCE
                .at(again, format!("`{event}` is named twice in this list"))
                .and(first, "first named here")
                .help("remove one of the two"),
        );
    }

    /// The one stream of a subscription's events; none where there are no events.
    fn stream(&mut self, subscription: &str, events: &[Subscribed]) -> Option<String> {
        let stream_of = |one: &Subscribed| {
            let domain = &self.events.get(&one.event)?.domain;
            self.domains.get(domain).map(|domain| &domain.stream)
        };
        let first = events.first()?;
        let stream = stream_of(first)?;
        let other = events.iter().find_map(|one| {
            let other = stream_of(one).filter(|other| *other != stream)?;
            Some((one, other.clone()))
        });
        let stream = stream.clone();
        if let Some((one, other)) = other {
            self.cx.found.push(
                codes::SUBSCRIPTION_STREAMS
                    .at(one.span, format!("`{subscription}` reads more than one stream"))
                    .labelled(format!("`{}` is stored in {other}", one.event))
                    .and(first.span, format!("`{}` is stored in {stream}", first.event))
                    .help("write one subscription for each stream"),
            );
        }
        Some(stream)
    }
}
