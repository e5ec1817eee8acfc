//! Where in the catalog's files a change was made.

use super::change::{Change, Part};
use crate::model::{Catalog, Object, Schema, Scope, Shape, Version};
use crate::source::Span;

/// The place of a change in the edited catalog: of the part itself where it is gone, of what it belonged to.
pub(super) fn of(catalog: &Catalog, change: &Change) -> Span {
    let at = change.at.as_str();
    let span = match &change.part {
        Part::Catalog => None,
        Part::Domain(name) => catalog.domains.get(name).map(|domain| {
            let stream = catalog.streams.get(&domain.stream);
            stream.map_or(domain.span, |stream| stream.span)
        }),
        Part::Stream(name) => {
            catalog.streams.get(name).map(|one| one.places.get(at).unwrap_or(one.span))
        }
        Part::Event(id) => match catalog.events.get(id) {
            Some(event) => Some(event.places.get(at).unwrap_or(event.span)),
            None => domain_of(id).and_then(|name| catalog.domains.get(name)).map(|one| one.span),
        },
        Part::Version(id, version) => {
            let event = catalog.events.get(id);
            let version = event.and_then(|event| event.versions.get(version));
            version.map(|version| payload(catalog, version, at))
        }
        Part::Service(name) => catalog.services.get(name).map(|service| {
            let mut published = service.publishes.iter();
            let named = published.find(|one| format!("{}@{}", one.event, one.major) == at);
            named.map_or(service.span, |one| one.span)
        }),
        Part::Subscription(service, name) => catalog.services.get(service).map(|service| {
            let subscription = service.subscriptions.get(name);
            subscription.map_or(service.span, |one| one.places.get(at).unwrap_or(one.span))
        }),
    };
    span.unwrap_or(catalog.span)
}

/// First token of an event's type.
pub(super) fn domain_of(event: &str) -> Option<&str> {
    event.split('.').next()
}

/// Where the part of a payload is written that a JSON pointer leads to, or the nearest that is there: the name of a
/// property, or where a schema begins.
fn payload(catalog: &Catalog, version: &Version, pointer: &str) -> Span {
    let scope = Scope::version(catalog, version);
    let mut schema = &version.payload;
    let mut span = version.span;
    let mut tokens = pointer.split('/').skip(1);
    while let Some(keyword) = tokens.next() {
        let shape = &scope.follow(schema).shape;
        let next = match keyword {
            "properties" | "prefixItems" | "oneOf" | "anyOf" => {
                let Some(token) = tokens.next() else { break };
                named(shape, keyword, &token.replace("~1", "/").replace("~0", "~"))
            }
            keyword => unnamed(shape, keyword),
        };
        let Some((inner, place)) = next else { break };
        (schema, span) = (inner, place);
    }
    span
}

fn named<'a>(shape: &'a Shape, keyword: &str, name: &str) -> Option<(&'a Schema, Span)> {
    let index = || name.parse::<usize>().ok();
    match (shape, keyword) {
        (Shape::Object(object), "properties") => property(object, name),
        (Shape::Tuple(items), "prefixItems") => {
            items.get(index()?).map(|schema| (schema, schema.span))
        }
        (Shape::OneOf(one_of), "oneOf" | "anyOf") => {
            one_of.variants.get(index()?).map(|one| (&one.schema, one.schema.span))
        }
        _ => None,
    }
}

fn unnamed<'a>(shape: &'a Shape, keyword: &str) -> Option<(&'a Schema, Span)> {
    let schema: &Schema = match (shape, keyword) {
        (Shape::Array(array), "items") => &array.items,
        (Shape::Map(map), "additionalProperties") => &map.values,
        (Shape::Map(map), "propertyNames") => map.keys.as_deref()?,
        (Shape::Object(object), "additionalProperties") => object.extra.as_deref()?,
        _ => return None,
    };
    Some((schema, schema.span))
}

fn property<'a>(object: &'a Object, name: &str) -> Option<(&'a Schema, Span)> {
    let property = object.properties.iter().find(|property| property.name == name)?;
    Some((&property.schema, property.span))
}
