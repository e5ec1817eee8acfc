//! What services do without a stream, on core NATS.

use std::collections::BTreeMap;
#[cfg(feature = "site")]
use std::collections::BTreeSet;

use crate::model::CoreSubjects;
#[cfg(feature = "site")]
use crate::model::{Catalog, Service};
use crate::source::Span;
#[cfg(feature = "site")]
use crate::subject::overlap;

/// What a service does, with the subjects on which it does so.
pub(in crate::emit) fn uses(
    core: &CoreSubjects,
) -> impl Iterator<Item = (&'static str, &BTreeMap<String, Span>)> {
    let uses = [
        ("Sends to", &core.publish),
        ("Listens to", &core.subscribe),
        ("Answers on", &core.answer),
    ];
    uses.into_iter().filter(|(_, subjects)| !subjects.is_empty())
}

/// Every subject that services use without a stream, sorted.
#[cfg(feature = "site")]
pub(in crate::emit) fn subjects(catalog: &Catalog) -> BTreeSet<&str> {
    let all = catalog.services.values().flat_map(|service| uses(&service.core));
    all.flat_map(|(_, subjects)| subjects.keys()).map(String::as_str).collect()
}

/// Who sends to a subject, listens to it, and answers on it; all that has wildcards in common with it counts.
#[cfg(feature = "site")]
pub(in crate::emit) fn around<'c>(catalog: &'c Catalog, subject: &str) -> [Vec<&'c str>; 3] {
    let with = |part: fn(&CoreSubjects) -> &BTreeMap<String, Span>| {
        let uses = |service: &&Service| part(&service.core).keys().any(|one| overlap(one, subject));
        catalog.services.values().filter(uses).map(|service| service.name.as_str()).collect()
    };
    [with(|core| &core.publish), with(|core| &core.subscribe), with(|core| &core.answer)]
}
