//! Whether there is a value of a schema that comes to an end.

use std::collections::BTreeSet;

use super::{Property, Schema, Shape, TypeRef};

/// Looks for an end in schemas that refer to each other.
pub(crate) struct Finite<'f, 'a> {
    /// What a reference leads to.
    get: &'f dyn Fn(&TypeRef) -> Option<&'a Schema>,
    /// Types of which there is such a value.
    known: BTreeSet<&'a TypeRef>,
}

impl<'f, 'a> Finite<'f, 'a> {
    pub(crate) fn new(get: &'f dyn Fn(&TypeRef) -> Option<&'a Schema>) -> Self {
        Self { get, known: BTreeSet::new() }
    }

    /// Whether a value of it needs no other of its own type. What cannot be resolved has been reported, and counts as one.
    pub(crate) fn is_finite(&mut self, schema: &'a Schema) -> bool {
        self.ends(schema, &mut Vec::new())
    }

    fn ends(&mut self, schema: &'a Schema, within: &mut Vec<&'a TypeRef>) -> bool {
        if schema.nullable {
            return true;
        }
        match &schema.shape {
            Shape::Ref(reference) => {
                if self.known.contains(reference) {
                    return true;
                }
                if within.contains(&reference) {
                    return false;
                }
                let Some(target) = (self.get)(reference) else { return true };
                within.push(reference);
                let ends = self.ends(target, within);
                within.pop();
                if ends {
                    self.known.insert(reference);
                }
                ends
            }
            Shape::Object(object) => {
                let mut always = object.properties.iter().filter(|one| one.is_always_there());
                always.all(|property| self.ends(&property.schema, within))
            }
            Shape::Tuple(items) => items.iter().all(|item| self.ends(item, within)),
            Shape::Array(array) if array.fixed_length().is_some() => {
                self.ends(&array.items, within)
            }
            Shape::OneOf(one_of) => {
                let mut variants = one_of.variants.iter();
                variants.any(|variant| self.ends(&variant.schema, within))
            }
            _ => true,
        }
    }
}

impl Property {
    /// Whether every value that was read has it: it is required, or there is a default.
    pub(crate) fn is_always_there(&self) -> bool {
        self.required || self.schema.default.as_ref().is_some_and(|default| !default.is_null())
    }
}
