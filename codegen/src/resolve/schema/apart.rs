//! Finds out what tells the alternatives of a choice apart, once all schemas are read.

use std::collections::BTreeMap;

use super::super::Context;
use super::refuse::refuses;
use crate::codes;
use crate::model::{Catalog, OneOf, Schema, Scope, Shape, Tagging, Variant};
use crate::naming;

/// What a choice turned out to be; the numbers are those of its variants, in their new order.
struct Settled {
    tagging: Tagging,
    order: Vec<usize>,
    /// What stands for each variant, where that is new.
    tags: Option<Vec<String>>,
}

/// Settles every choice of the catalog.
pub(crate) fn tell_apart(catalog: &mut Catalog, cx: &mut Context<'_>) {
    let mut settled = Vec::new();
    for shared in catalog.types.values() {
        decide(&shared.schema, Scope::shared(catalog), &mut settled, cx);
    }
    for version in catalog.events.values().flat_map(|event| event.versions.values()) {
        let scope = Scope::version(catalog, version);
        decide(&version.payload, scope, &mut settled, cx);
        for local in &version.definitions {
            decide(&local.schema, scope, &mut settled, cx);
        }
    }
    let mut settled = settled.into_iter();
    for shared in catalog.types.values_mut() {
        apply(&mut shared.schema, &mut settled);
    }
    for version in catalog.events.values_mut().flat_map(|event| event.versions.values_mut()) {
        apply(&mut version.payload, &mut settled);
        for local in &mut version.definitions {
            apply(&mut local.schema, &mut settled);
        }
    }
}

/// Decides about every choice in a schema, in the order in which [`apply`] meets them.
fn decide(
    schema: &Schema,
    scope: Scope<'_>,
    settled: &mut Vec<Option<Settled>>,
    cx: &mut Context<'_>,
) {
    for inner in schema.inner() {
        decide(inner, scope, settled, cx);
    }
    if let Shape::OneOf(one_of) = &schema.shape {
        settled.push(settle(one_of, schema, scope, cx));
    }
}

fn apply(schema: &mut Schema, settled: &mut impl Iterator<Item = Option<Settled>>) {
    for inner in schema.inner_mut() {
        apply(inner, settled);
    }
    let Shape::OneOf(one_of) = &mut schema.shape else { return };
    let Some(Some(Settled { tagging, order, tags })) = settled.next() else { return };
    let mut variants: Vec<Option<Variant>> =
        std::mem::take(&mut one_of.variants).into_iter().map(Some).collect();
    if let Some(tags) = tags {
        for (variant, tag) in variants.iter_mut().flatten().zip(tags) {
            variant.name = naming::variant(&tag).unwrap_or_default();
            variant.tag = Some(tag);
        }
    }
    one_of.variants = order.iter().filter_map(|at| variants.get_mut(*at)?.take()).collect();
    one_of.tagging = tagging;
}

fn settle(
    one_of: &OneOf,
    schema: &Schema,
    scope: Scope<'_>,
    cx: &mut Context<'_>,
) -> Option<Settled> {
    let unknown = |one: &Variant| {
        let followed = scope.follow(&one.schema);
        matches!(followed.shape, Shape::Ref(_))
            || cx.gaps.contains(&one.schema.span)
            || cx.gaps.contains(&followed.span)
    };
    if one_of.variants.iter().any(unknown) {
        cx.gaps.insert(schema.span);
        return None;
    }
    match &one_of.tagging {
        Tagging::Internal(_) | Tagging::External => {
            check_names(one_of.variants.iter().map(|one| (one, one.name.clone())), cx);
            None
        }
        Tagging::Discriminated(property) => {
            let tags = discriminated(one_of, property, scope, cx)?;
            distinct(one_of, tags, property, cx)
        }
        Tagging::Untagged => match shared_tag(one_of, scope) {
            Some((property, tags)) => distinct(one_of, tags, &property, cx),
            None => untagged(one_of, schema, scope, cx),
        },
    }
}

/// What the property is in each of the alternatives.
fn discriminated(
    one_of: &OneOf,
    property: &str,
    scope: Scope<'_>,
    cx: &mut Context<'_>,
) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    for variant in &one_of.variants {
        let found = scope.properties(&variant.schema).iter().find(|one| one.name == property);
        let shape = found.filter(|one| one.required).map(|one| &scope.follow(&one.schema).shape);
        let mapped = variant.tag.clone().unwrap_or_default();
        match shape {
            Some(Shape::Enum(values)) if values.len() == 1 => tags.extend(values.iter().cloned()),
            Some(Shape::Enum(values)) if values.contains(&mapped) => tags.push(mapped),
            Some(Shape::String(_)) if !mapped.is_empty() => tags.push(mapped),
            _ => {
                cx.found.push(
                    codes::UNTAGGED_ONE_OF
                        .at(
                            variant.schema.span,
                            format!("`{property}` does not tell this alternative apart"),
                        )
                        .help(format!("let it require `{property}`, as a `const`: `{property}: {{ const: … }}`")),
                );
                return None;
            }
        }
    }
    Some(tags)
}

/// A required property that is another constant in each alternative, all of which are objects.
fn shared_tag(one_of: &OneOf, scope: Scope<'_>) -> Option<(String, Vec<String>)> {
    let constant = |schema: &Schema, name: &str| {
        let property = scope.properties(schema).iter().find(|one| one.name == name)?;
        match &scope.follow(&property.schema).shape {
            Shape::Enum(values) if property.required && values.len() == 1 => {
                values.first().cloned()
            }
            _ => None,
        }
    };
    let first = one_of.variants.first()?;
    scope.properties(&first.schema).iter().find_map(|property| {
        let tags = one_of.variants.iter().map(|one| constant(&one.schema, &property.name));
        let tags: Vec<String> = tags.collect::<Option<_>>()?;
        let different = (1..tags.len()).all(|at| !tags[..at].contains(&tags[at]));
        different.then(|| (property.name.clone(), tags))
    })
}

fn distinct(
    one_of: &OneOf,
    tags: Vec<String>,
    property: &str,
    cx: &mut Context<'_>,
) -> Option<Settled> {
    let named = one_of.variants.iter().zip(&tags);
    let named = named.map(|(one, tag)| (one, naming::variant(tag).unwrap_or_default()));
    check_names(named, cx).then(|| Settled {
        tagging: Tagging::Discriminated(property.to_owned()),
        order: (0..one_of.variants.len()).collect(),
        tags: Some(tags),
    })
}

/// Puts the alternatives into an order in which each refuses what the later ones have.
fn untagged(
    one_of: &OneOf,
    schema: &Schema,
    scope: Scope<'_>,
    cx: &mut Context<'_>,
) -> Option<Settled> {
    let mut left: Vec<usize> = (0..one_of.variants.len()).collect();
    let mut order = Vec::new();
    let before: Vec<Vec<bool>> = one_of
        .variants
        .iter()
        .map(|one| {
            let others = one_of.variants.iter().map(|other| &other.schema);
            let refused = |other| {
                refuses(scope, &one.schema, other) || is_narrower(scope, &one.schema, other)
            };
            others.map(refused).collect()
        })
        .collect();
    let goes_before = |one: usize, other: usize| before[one][other];
    while !left.is_empty() {
        let next = left
            .iter()
            .position(|one| left.iter().all(|other| other == one || goes_before(*one, *other)));
        match next {
            Some(next) => order.push(left.remove(next)),
            None => {
                let pair = left.iter().enumerate().find_map(|(at, one)| {
                    let other = left[at + 1..]
                        .iter()
                        .find(|other| !goes_before(*one, **other) && !goes_before(**other, *one));
                    Some((*one, *other?))
                });
                let (one, other) = pair.unwrap_or((left[0], *left.last()?));
                let [one, other] = [one, other].map(|at| &one_of.variants[at]);
                report(one, other, schema, scope, cx);
                return None;
            }
        }
    }
    check_names(one_of.variants.iter().map(|one| (one, one.name.clone())), cx);
    Some(Settled { tagging: Tagging::Untagged, order, tags: None })
}

/// Whether the first has some of the scalars that the second has: reading it first loses nothing.
fn is_narrower(scope: Scope<'_>, one: &Schema, other: &Schema) -> bool {
    use crate::model::Format;
    match (&scope.follow(one).shape, &scope.follow(other).shape) {
        (Shape::Enum(_), Shape::String(_)) | (Shape::Integer(_), Shape::Number(_)) => true,
        (Shape::String(one), Shape::String(other)) => {
            let is_text = |format: &Option<Format>| matches!(format, None | Some(Format::Other(_)));
            !is_text(&one.format) && is_text(&other.format)
        }
        _ => false,
    }
}

fn report(one: &Variant, other: &Variant, schema: &Schema, scope: Scope<'_>, cx: &mut Context<'_>) {
    let is_object = |variant: &Variant| {
        matches!(scope.follow(&variant.schema).shape, Shape::Object(_) | Shape::OneOf(_))
    };
    cx.gaps.insert(schema.span);
    let finding = codes::UNTAGGED_ONE_OF
        .at(other.schema.span, "nothing tells this alternative apart from another one")
        .and(one.schema.span, "the other one");
    cx.found.push(if is_object(one) && is_object(other) {
        finding
            .help("give each the same required property with another `const`: `kind: { const: card }`")
            .help("or let one require a property that the other does not have")
    } else {
        finding.help("write one schema in their place, which covers both")
    });
}

/// Reports alternatives with the same Rust name; returns whether there are none.
fn check_names<'v>(
    variants: impl Iterator<Item = (&'v Variant, String)>,
    cx: &mut Context<'_>,
) -> bool {
    let mut names: BTreeMap<String, &Variant> = BTreeMap::new();
    let mut different = true;
    for (variant, name) in variants {
        match names.get(&name) {
            Some(first) => {
                different = false;
                cx.found.push(
                    codes::UNTAGGED_ONE_OF
                        .at(
                            variant.schema.span,
                            format!("two alternatives become the Rust variant `{name}`"),
                        )
                        .and(first.schema.span, "the other one")
                        .help("give each a `title`: it becomes the name"),
                );
            }
            None => {
                names.insert(name, variant);
            }
        }
    }
    different
}
