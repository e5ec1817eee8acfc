use std::collections::BTreeMap;

use super::conversions::Conversions;
use super::schema::Types;
use super::streams::{Declared, domain_of};
use super::{Context, breaks, names};
use crate::codes;
use crate::model::{
    Deprecation, Event, EventId, Example, Places, SubjectTemplate, Version, VersionId,
};
use crate::naming;
use crate::syntax::{EventFile, PersonalDataEntry, VersionEntry};

pub(super) fn resolve<'f>(
    files: &'f [EventFile],
    personal: Option<&PersonalDataEntry>,
    types: &Types<'f>,
    cx: &mut Context<'_>,
) -> BTreeMap<EventId, Event> {
    let named = cx.by_name("event", files, |file| (&file.event.value.0, file.event.span));
    let mut events = BTreeMap::new();
    for (id, file) in named {
        match event(&id, file, personal, types, cx) {
            Some(event) => {
                events.insert(id, event);
            }
            None => cx.unread.events.push(id),
        }
    }
    events
}

/// Divides the events that have a key as their streams do.
pub(super) fn divide(events: &mut BTreeMap<EventId, Event>, declared: &Declared) {
    for event in events.values_mut().filter(|event| event.key.is_some()) {
        let domain = declared.domains.get(&event.domain);
        let stream = domain.and_then(|domain| declared.streams.get(&domain.stream));
        event.partitions = stream.and_then(|stream| stream.partitions);
    }
}

fn event<'f>(
    id: &str,
    file: &'f EventFile,
    personal: Option<&PersonalDataEntry>,
    types: &Types<'f>,
    cx: &mut Context<'_>,
) -> Option<Event> {
    let mut places = Places::default();
    let rust_name = match &file.name {
        Some(name) => {
            places.set("name", name.span);
            name.value.0.clone()
        }
        None => names::event(id),
    };
    let subject = match &file.subject {
        Some(subject) => {
            places.set("subject", subject.span);
            SubjectTemplate { span: subject.span, tokens: subject.value.0.clone() }
        }
        None => SubjectTemplate { span: file.event.span, tokens: names::subject(id) },
    };
    if let Some(key) = &file.key {
        places.set("key", key.span);
    }
    let own = file.personal_data.as_ref().and_then(|entry| entry.encrypt.as_ref());
    let encrypt = own.or_else(|| personal.and_then(|entry| entry.encrypt.as_ref()));
    if let Some(encrypt) = encrypt {
        places.set("encrypt", encrypt.span);
    }
    let kinds = encrypt.iter().flat_map(|kinds| &kinds.value).map(|kind| kind.value).collect();
    let versions = versions(id, &rust_name, file, types, cx)?;
    Some(Event {
        span: file.event.span,
        id: id.to_owned(),
        domain: domain_of(id).to_owned(),
        method_name: naming::snake(&rust_name),
        rust_name,
        summary: names::text(file.summary.as_ref()),
        description: names::text(file.description.as_ref()),
        subject,
        key: names::text(file.key.as_ref()),
        partitions: None,
        versions,
        encrypt: kinds,
        breaks: breaks::read(file.breaks.as_ref()),
        places,
    })
}

fn versions<'f>(
    id: &str,
    rust_name: &str,
    file: &'f EventFile,
    types: &Types<'f>,
    cx: &mut Context<'_>,
) -> Option<BTreeMap<VersionId, Version>> {
    let entries = &file.versions.entries;
    if entries.is_empty() && !cx.has_error_within(file.versions.span) {
        cx.found.push(
            codes::NO_VERSION
                .at(file.versions.span, format!("the event `{id}` has no version"))
                .help("write its first one under `1.0:`"),
        );
    }
    if !file.versions.whole {
        cx.unread_versions.insert((id.to_owned(), None));
    }
    let known: Vec<VersionId> = entries.iter().map(|(version, _)| version.value).collect();
    let mut conversions = Conversions::new(id, &known);
    let mut versions = BTreeMap::new();
    for (version, entry) in entries {
        let Some(entry) = entry else {
            cx.unread_versions.insert((id.to_owned(), Some(version.value.major)));
            continue;
        };
        let read = types.payload(rust_name, &entry.payload.0, cx);
        versions.insert(
            version.value,
            Version {
                span: version.span,
                id: version.value,
                summary: names::text(entry.summary.as_ref()),
                deprecated: deprecation(id, version.value, entry, &known, cx),
                payload: read.payload,
                definitions: read.definitions,
                examples: entry
                    .examples
                    .iter()
                    .flat_map(|all| &all.value)
                    .map(Example::of)
                    .collect(),
                breaks: breaks::read(entry.breaks.as_ref()),
                upcast: conversions.upcast(version.value, entry, cx),
                also_publish: conversions.downcast(version.value, entry, cx),
            },
        );
    }
    (!versions.is_empty()).then_some(versions)
}

fn deprecation(
    event: &str,
    version: VersionId,
    entry: &VersionEntry,
    known: &[VersionId],
    cx: &mut Context<'_>,
) -> Option<Deprecation> {
    let entry = entry.deprecated.as_ref()?;
    let instead = entry.r#use.as_ref().filter(|instead| {
        let exists = instead.value != version && known.contains(&instead.value);
        if !exists && !cx.is_unread_version(event, instead.value.major) {
            let others = known.iter().filter(|other| **other != version);
            let others: Vec<String> = others.map(ToString::to_string).collect();
            let help = if others.is_empty() {
                "add the version, or leave `use` out".to_owned()
            } else {
                format!("the other versions are {}", crate::syntax::list(&others))
            };
            cx.found.push(
                codes::UNKNOWN_REPLACEMENT
                    .at(
                        instead.span,
                        format!("`{event}` has no other version {} to use instead", instead.value),
                    )
                    .help(help),
            );
        }
        exists
    });
    Some(Deprecation {
        since: entry.since.as_ref().map(|since| since.value.0.clone()),
        instead: instead.map(|instead| instead.value),
        because: names::text(entry.because.as_ref()),
    })
}
