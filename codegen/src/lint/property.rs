//! Properties of payloads that something outside of the payload refers to.

use super::Findings;
use crate::model::{Catalog, Event, Property, Schema, Scope, Shape, Version};
use crate::source::Span;
use crate::syntax::closest;

/// Why a property cannot be used.
pub(crate) struct Problem {
    /// Continues a sentence that begins with the property.
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) label: String,
    pub(crate) help: String,
}

/// A property of a payload, and its schema with references followed.
pub(crate) fn find<'c>(
    catalog: &'c Catalog,
    version: &'c Version,
    name: &str,
) -> Option<(&'c Property, &'c Schema)> {
    let scope = Scope::version(catalog, version);
    let mut properties = scope.properties(&version.payload).iter();
    let property = properties.find(|property| property.name == name)?;
    Some((property, scope.follow(&property.schema)))
}

/// Whether a property is encrypted, in any version.
pub(crate) fn is_encrypted(catalog: &Catalog, event: &Event, name: &str) -> bool {
    event.majors().into_values().any(|version| {
        let scope = Scope::version(catalog, version);
        let (found, _) = scope.encrypted(&version.payload, &event.encrypt);
        found.iter().any(|one| one.pointer.strip_prefix('/') == Some(name))
    })
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
        let properties = Scope::version(catalog, version).properties(&version.payload);
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
    if Scope::version(catalog, version).is_nullable(&property.schema) {
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
