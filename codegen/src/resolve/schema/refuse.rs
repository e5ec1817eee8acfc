//! Whether a reader of one schema refuses whatever another schema describes.

use std::cell::Cell;

use crate::model::{Map, Object, OneOf, Schema, Scope, Shape, Tagging};

/// Deeper than anything that tells alternatives apart.
const MAX_DEPTH: usize = 8;

/// More pairs of schemas than anybody would compare to find out.
const MAX_STEPS: usize = 1_000;

/// Whether the Rust type of `one` can be read from no value of `other`.
///
/// It goes by what types check: JSON types, the words of enums, formats with a type of their own, and which properties
/// must be present.
pub(super) fn refuses(scope: Scope<'_>, one: &Schema, other: &Schema) -> bool {
    Types { scope, depth: MAX_DEPTH, steps: &Cell::new(MAX_STEPS) }.refuse(one, other)
}

#[derive(Clone, Copy)]
struct Types<'a> {
    scope: Scope<'a>,
    depth: usize,
    /// How many pairs may still be compared.
    steps: &'a Cell<usize>,
}

impl Types<'_> {
    fn refuse(self, one: &Schema, other: &Schema) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        if left == 0
            || self.depth == 0
            || (self.scope.is_nullable(one) && self.scope.is_nullable(other))
        {
            return false;
        }
        let deeper = Self { depth: self.depth - 1, ..self };
        match (&self.scope.follow(one).shape, &self.scope.follow(other).shape) {
            (Shape::OneOf(one_of), _) if one_of.tagging == Tagging::Untagged => {
                one_of.variants.iter().all(|one| deeper.refuse(&one.schema, other))
            }
            (_, Shape::OneOf(one_of)) if one_of.tagging == Tagging::Untagged => {
                one_of.variants.iter().all(|other| deeper.refuse(one, &other.schema))
            }
            (one, other) => deeper.shapes(one, other),
        }
    }

    #[expect(clippy::match_same_arms, reason = "the order of the arms decides")]
    fn shapes(self, one: &Shape, other: &Shape) -> bool {
        match (one, other) {
            (Shape::Any | Shape::Ref(_), _) | (_, Shape::Any | Shape::Ref(_)) => false,
            (Shape::OneOf(one_of), Shape::Object(object)) => self.tagged(one_of, object),
            (Shape::Integer(_), Shape::Number(_)) | (Shape::Number(_), Shape::Integer(_)) => false,
            _ if kind(one) != kind(other) => true,
            (Shape::Enum(words), Shape::Enum(others)) => {
                words.iter().all(|word| !others.contains(word))
            }
            (Shape::String(text), Shape::Enum(words))
            | (Shape::Enum(words), Shape::String(text)) => {
                let format = text.format.as_ref().filter(|format| format.has_rust_type());
                format.is_some_and(|format| words.iter().all(|word| !format.fits(word)))
            }
            (Shape::String(text), Shape::String(other)) => {
                match (text.format.as_ref(), other.format.as_ref()) {
                    (Some(one), Some(other)) => {
                        one.has_rust_type() && other.has_rust_type() && one != other
                    }
                    _ => false,
                }
            }
            (Shape::Array(one), Shape::Array(other)) => self.refuse(&one.items, &other.items),
            (Shape::Array(array), Shape::Tuple(places)) => {
                places.iter().any(|place| self.refuse(&array.items, place))
            }
            (Shape::Tuple(places), Shape::Array(array)) => {
                places.iter().any(|place| self.refuse(place, &array.items))
            }
            (Shape::Tuple(one), Shape::Tuple(other)) => {
                let mut pairs = one.iter().zip(other);
                one.len() != other.len() || pairs.any(|(one, other)| self.refuse(one, other))
            }
            (Shape::Object(one), Shape::Object(other)) => self.objects(one, other),
            (Shape::Map(one), Shape::Map(other)) => self.refuse(&one.values, &other.values),
            (Shape::Map(map), Shape::Object(object)) => self.map(map, object),
            (Shape::Object(object), Shape::Map(map)) => {
                let mut required = object.properties.iter().filter(|one| one.required);
                required.any(|property| self.refuse(&property.schema, &map.values))
            }
            _ => false,
        }
    }

    fn objects(self, one: &Object, other: &Object) -> bool {
        one.properties.iter().any(|property| {
            let counterpart = other.properties.iter().find(|other| other.name == property.name);
            match (counterpart, &other.extra) {
                (Some(other), _) => {
                    (property.required || other.required)
                        && self.refuse(&property.schema, &other.schema)
                }
                (None, Some(extra)) => property.required && self.refuse(&property.schema, extra),
                (None, None) => property.required,
            }
        })
    }

    fn map(self, map: &Map, object: &Object) -> bool {
        let mut required = object.properties.iter().filter(|property| property.required);
        required.any(|property| self.refuse(&map.values, &property.schema))
    }

    /// A choice by a property, which must be there.
    fn tagged(self, one_of: &OneOf, object: &Object) -> bool {
        match &one_of.tagging {
            Tagging::Internal(tag) | Tagging::Discriminated(tag) => {
                match object.properties.iter().find(|property| property.name == *tag) {
                    Some(property) => match &self.scope.follow(&property.schema).shape {
                        Shape::Enum(words) => {
                            let tags = one_of.variants.iter().filter_map(|one| one.tag.as_ref());
                            tags.into_iter().all(|tag| !words.contains(tag))
                        }
                        _ => false,
                    },
                    None => object.extra.is_none(),
                }
            }
            Tagging::External => {
                let mut tags = one_of.variants.iter().filter_map(|one| one.tag.as_ref());
                let known = |tag: &String| object.properties.iter().any(|one| one.name == *tag);
                object.extra.is_none() && !tags.any(known)
            }
            Tagging::Untagged => false,
        }
    }
}

/// The JSON type; whole numbers are numbers.
fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Any | Shape::Ref(_) => "any",
        Shape::Null => "null",
        Shape::Boolean { .. } => "boolean",
        Shape::Integer(_) => "integer",
        Shape::Number(_) => "number",
        Shape::String(_) | Shape::Enum(_) => "string",
        Shape::Array(_) | Shape::Tuple(_) => "array",
        Shape::Object(_) | Shape::Map(_) | Shape::OneOf(_) => "object",
    }
}
