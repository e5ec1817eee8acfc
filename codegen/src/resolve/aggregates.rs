use std::collections::BTreeMap;

use super::names;
use super::streams::Declared;
use crate::model::{Aggregate, Event, EventId, SubjectToken};
use crate::syntax::DomainFile;

/// The aggregates of a domain.
pub(super) fn read(file: &DomainFile) -> BTreeMap<String, Aggregate> {
    let entries = file.aggregates.iter().flat_map(|aggregates| &aggregates.entries);
    let read = entries.filter_map(|(name, entry)| {
        let entry = entry.as_ref()?;
        let aggregate = Aggregate {
            span: name.span,
            name: name.value.0.clone(),
            domain: file.domain.value.0.clone(),
            summary: names::text(entry.summary.as_ref()),
            id: entry.id.value.0.clone(),
            id_span: entry.id.span,
        };
        Some((name.value.0.clone(), aggregate))
    });
    read.collect()
}

/// Gives the events of aggregates the subjects and the key that they have unless they say something else.
pub(super) fn place(events: &mut BTreeMap<EventId, Event>, declared: &Declared) {
    for event in events.values_mut() {
        let Some(domain) = declared.domains.get(&event.domain) else { continue };
        let Some(aggregate) = domain.aggregates.values().find(|aggregate| aggregate.has(event))
        else {
            continue;
        };
        if event.places.get("subject").is_none() {
            let id = SubjectToken::Property(aggregate.id.clone());
            event.subject.tokens.insert(2, id);
        }
        if event.key.is_none() {
            event.key = Some(aggregate.id.clone());
        }
    }
}
