//! Properties of payloads that something outside of the payload refers to.

use super::Findings;
use crate::model::{Catalog, Property, Schema, Shape, TypeRef, Version};
use crate::source::Span;
use crate::syntax::closest;

/// References in a row that are followed: more can only be a ring.
const MAX_HOPS: usize = 32;

/// Why a property cannot be used.
pub(crate) struct Problem {
    /// Continues a sentence that begins with the property.
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) label: String,
    pub(crate) help: String,
}

/// The schema that a chain of references ends in.
pub(crate) fn follow<'c>(
    catalog: &'c Catalog,
    version: &'c Version,
    schema: &'c Schema,
) -> &'c Schema {
    let mut schema = schema;
    for _ in 0..MAX_HOPS {
        let target = match &schema.shape {
            Shape::Ref(TypeRef::Shared(name)) => catalog.types.get(name),
            Shape::Ref(TypeRef::Local(name)) => {
                version.definitions.iter().find(|one| one.rust_name == *name)
            }
            _ => None,
        };
        match target {
            Some(target) => schema = &target.schema,
            None => break,
        }
    }
    schema
}

/// A property of a payload, and its schema with references followed.
pub(crate) fn find<'c>(
    catalog: &'c Catalog,
    version: &'c Version,
    name: &str,
) -> Option<(&'c Property, &'c Schema)> {
    let Shape::Object { properties } = &version.payload.shape else { return None };
    let property = properties.iter().find(|property| property.name == name)?;
    Some((property, follow(catalog, version, &property.schema)))
}

/// What keeps a property from being a required one of a shape that `fits`.
pub(crate) fn scalar_property(
    catalog: &Catalog,
    version: &Version,
    name: &str,
    findings: &Findings<'_>,
    fits: impl Fn(&Shape) -> bool,
) -> Option<Problem> {
    if findings.is_gap(version.payload.span) {
        return None;
    }
    let Some((property, schema)) = find(catalog, version, name) else {
        let Shape::Object { properties } = &version.payload.shape else { return None };
        let meant = closest(name, properties.iter().map(|property| property.name.as_str()));
        return Some(Problem {
            message: format!("is no property of version {}", version.id),
            span: version.span,
            label: "this version".to_owned(),
            help: match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add `{name}` to the payload's `properties`"),
            },
        });
    };
    if findings.is_gap(schema.span) || findings.is_gap(property.schema.span) {
        return None;
    }
    let problem = |message: String, help: String| {
        Some(Problem { message, span: property.span, label: "this property".to_owned(), help })
    };
    if !property.required {
        return problem(
            format!("is not required in version {}", version.id),
            format!("list `{name}` in the payload's `required`"),
        );
    }
    if schema.nullable || property.schema.nullable {
        return problem(
            format!("may be null in version {}", version.id),
            "let it always have a value".to_owned(),
        );
    }
    if !fits(&schema.shape) {
        return problem(
            format!("is no plain string or whole number in version {}", version.id),
            "use an id: `type: string` or `type: integer`".to_owned(),
        );
    }
    None
}
