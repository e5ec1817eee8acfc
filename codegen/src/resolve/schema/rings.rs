//! Finds types that require themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Context;
use super::types::Types;
use crate::codes;
use crate::model::{Event, EventId, Schema, Shape, SharedType, TypeRef};
use crate::source::Span;

/// What a type needs before there can be a value of it, with the place that needs it.
type Needs<'t> = BTreeMap<TypeRef, Vec<(&'t TypeRef, Span)>>;

impl Types<'_> {
    /// Reports every ring of types in which each requires the next.
    pub(crate) fn check_rings(&self, events: &BTreeMap<EventId, Event>, cx: &mut Context<'_>) {
        let mut shared = Needs::new();
        for (name, named) in self.shared() {
            shared.insert(TypeRef::Shared(name.clone()), needs(&named.schema));
        }
        report(&shared, cx);
        for version in events.values().flat_map(|event| event.versions.values()) {
            let local = |one: &SharedType| TypeRef::Local(one.rust_name.clone());
            let definitions = version.definitions.iter();
            report(&definitions.map(|one| (local(one), needs(&one.schema))).collect(), cx);
        }
    }
}

fn report(graph: &Needs<'_>, cx: &mut Context<'_>) {
    let mut reported: BTreeSet<&TypeRef> = BTreeSet::new();
    for start in graph.keys() {
        if reported.contains(start) {
            continue;
        }
        if let Some(ring) = ring(graph, start) {
            let (_, first) = ring[0];
            let mut finding = codes::ENDLESS_TYPE
                .at(first, format!("`{}` requires itself, without end", start.name()))
                .help(
                    "leave one property of the ring out of `required`, or make it a list or a map",
                );
            for (_, place) in &ring[1..] {
                finding = finding.and(*place, "and so on");
            }
            cx.found.push(finding);
            reported.extend(ring.iter().map(|(step, _)| *step));
        }
    }
}

/// The steps from a type back to itself.
fn ring<'t>(graph: &Needs<'t>, start: &TypeRef) -> Option<Vec<(&'t TypeRef, Span)>> {
    let mut seen = BTreeSet::new();
    let mut paths: Vec<Vec<(&TypeRef, Span)>> =
        graph.get(start)?.iter().map(|step| vec![*step]).collect();
    while let Some(path) = paths.pop() {
        let (last, _) = *path.last()?;
        if last == start {
            return Some(path);
        }
        if seen.insert(last) {
            for step in graph.get(last).into_iter().flatten() {
                paths.push(path.iter().copied().chain([*step]).collect());
            }
        }
    }
    None
}

/// The references that every value of a schema holds.
fn needs(schema: &Schema) -> Vec<(&TypeRef, Span)> {
    if schema.nullable {
        return Vec::new();
    }
    match &schema.shape {
        Shape::Ref(reference) => vec![(reference, schema.span)],
        Shape::Object(object) => object
            .properties
            .iter()
            .filter(|property| property.required)
            .flat_map(|property| needs(&property.schema))
            .collect(),
        Shape::Tuple(items) => items.iter().flat_map(needs).collect(),
        Shape::Array(array) if array.fixed_length().is_some() => needs(&array.items),
        // Endless only if every alternative is.
        Shape::OneOf(one_of) => match one_of.variants.as_slice() {
            [only] => needs(&only.schema),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
