//! Where personal data stands in a payload.

use super::{Pii, Schema, Scope, Shape, Tagging, TypeRef};

/// A place that is marked with `x-pii`; all that is in it is personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personal {
    /// JSON pointer. `*` stands for each item of a list and each value of a map, `**` for the way down through types that
    /// hold themselves.
    pub pointer: String,
    /// Its word.
    pub kind: Pii,
    /// Whether it is a map, of which the names are personal too.
    pub names: bool,
}

impl<'a> Scope<'a> {
    /// Whether all of a value is personal data: what its schema says, or one that it refers to.
    pub fn mark(self, schema: &'a Schema) -> Option<Pii> {
        self.chain(schema).find_map(|step| step.pii)
    }

    /// Every marked place of a payload, in the order of its schema.
    pub fn personal(self, payload: &'a Schema) -> Vec<Personal> {
        let mut walk =
            Walk { scope: self, found: Vec::new(), within: Vec::new(), rings: Vec::new() };
        walk.schema(payload, "");
        walk.found
    }
}

struct Walk<'a> {
    scope: Scope<'a>,
    found: Vec<Personal>,
    /// The types that are being walked through.
    within: Vec<TypeRef>,
    /// Those of them that were met again below.
    rings: Vec<TypeRef>,
}

impl<'a> Walk<'a> {
    fn schema(&mut self, schema: &'a Schema, pointer: &str) {
        if let Some(kind) = schema.pii {
            let names = self.scope.chain(schema).any(|step| matches!(step.shape, Shape::Map(_)));
            self.push(pointer, kind, names);
            return;
        }
        match &schema.shape {
            Shape::Object(object) => {
                for property in &object.properties {
                    self.schema(&property.schema, &below(pointer, &property.name));
                }
                if let Some(extra) = &object.extra {
                    self.schema(extra, &format!("{pointer}/*"));
                }
            }
            Shape::Array(array) => self.schema(&array.items, &format!("{pointer}/*")),
            Shape::Tuple(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.schema(item, &format!("{pointer}/{place}"));
                }
            }
            Shape::Map(map) => match map.keys.as_ref().and_then(|keys| keys.pii) {
                // Names cannot be hidden alone.
                Some(kind) => self.push(pointer, kind, true),
                None => self.schema(&map.values, &format!("{pointer}/*")),
            },
            Shape::OneOf(one_of) => {
                for variant in &one_of.variants {
                    match (&one_of.tagging, &variant.tag) {
                        (Tagging::External, Some(tag)) => {
                            self.schema(&variant.schema, &below(pointer, tag));
                        }
                        _ => self.schema(&variant.schema, pointer),
                    }
                }
            }
            Shape::Ref(target) => self.named(target, pointer),
            Shape::Any
            | Shape::Null
            | Shape::Boolean { .. }
            | Shape::Integer(_)
            | Shape::Number(_)
            | Shape::String(_)
            | Shape::Enum(_) => {}
        }
    }

    fn named(&mut self, target: &TypeRef, pointer: &str) {
        if self.within.contains(target) {
            self.rings.push(target.clone());
            return;
        }
        let Some(found) = self.scope.get(target) else { return };
        let first = self.found.len();
        self.within.push(target.clone());
        self.schema(&found.schema, pointer);
        self.within.pop();
        if self.rings.contains(target) {
            self.rings.retain(|ring| ring != target);
            for personal in self.found.iter_mut().skip(first) {
                personal.pointer.insert_str(pointer.len(), "/**");
            }
        }
    }

    fn push(&mut self, pointer: &str, kind: Pii, names: bool) {
        if self.found.iter().all(|known| known.pointer != pointer) {
            self.found.push(Personal { pointer: pointer.to_owned(), kind, names });
        }
    }
}

/// The pointer to a property.
pub(super) fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", escaped(name))
}

/// As RFC 6901 has it.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
