//! Finds types that require themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Context;
use super::types::Types;
use crate::codes;
use crate::model::{Event, EventId, Finite, Schema, Shape, TypeRef};
use crate::source::Span;

/// What a type needs before there can be a value of it, with the place that needs it.
type Needs<'t> = BTreeMap<TypeRef, Vec<(&'t TypeRef, Span)>>;

impl Types<'_> {
    /// Reports every ring of types in which each requires the next.
    pub(crate) fn check_rings(&self, events: &BTreeMap<EventId, Event>, cx: &mut Context<'_>) {
        let shared: BTreeMap<TypeRef, &Schema> = self
            .shared()
            .iter()
            .map(|(name, named)| (TypeRef::Shared(name.clone()), &named.schema))
            .collect();
        report(&graph(&shared, &shared), cx);
        for version in events.values().flat_map(|event| event.versions.values()) {
            let own: BTreeMap<TypeRef, &Schema> = version
                .definitions
                .iter()
                .map(|one| (TypeRef::Local(one.rust_name.clone()), &one.schema))
                .collect();
            report(&graph(&own, &shared), cx);
        }
    }
}

/// What each of these types needs; `others` are those that they may refer to beside each other.
fn graph<'t>(
    types: &BTreeMap<TypeRef, &'t Schema>,
    others: &BTreeMap<TypeRef, &'t Schema>,
) -> Needs<'t> {
    let get = |reference: &TypeRef| types.get(reference).or_else(|| others.get(reference)).copied();
    let mut finite = Finite::new(&get);
    types.iter().map(|(name, schema)| (name.clone(), needs(schema, &mut finite))).collect()
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
                    "leave one property of the ring out of `required` and without a default, or make it a list or a map",
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
fn needs<'t>(schema: &'t Schema, finite: &mut Finite<'_, 't>) -> Vec<(&'t TypeRef, Span)> {
    if schema.nullable {
        return Vec::new();
    }
    match &schema.shape {
        Shape::Ref(reference) => vec![(reference, schema.span)],
        Shape::Object(object) => {
            let always = object.properties.iter().filter(|property| property.is_always_there());
            always.flat_map(|property| needs(&property.schema, finite)).collect()
        }
        Shape::Tuple(items) => items.iter().flat_map(|item| needs(item, finite)).collect(),
        Shape::Array(array) if array.fixed_length().is_some() => needs(&array.items, finite),
        // Endless only if every alternative is.
        Shape::OneOf(_) if finite.is_finite(schema) => Vec::new(),
        Shape::OneOf(one_of) => {
            one_of.variants.iter().flat_map(|variant| needs(&variant.schema, finite)).collect()
        }
        _ => Vec::new(),
    }
}
