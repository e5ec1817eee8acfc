//! Which values of a payload are encrypted, and what is left of each when it cannot be decrypted any more.

use std::collections::BTreeSet;

use super::personal::{below, escaped};
use super::{
    Array, Format, Map, Object, OneOf, Pii, Property, Schema, Scope, Shape, Tagging, TypeRef,
};
use crate::source::Span;

/// A place of which each value is encrypted by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encrypted {
    /// JSON pointer; `*` stands for each item of a list and each value of a map.
    pub pointer: String,
    /// What stands for it once it is erased.
    pub erased: Erased,
}

/// What stands for an erased value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// The property is not there.
    Absent,
    /// `null`.
    Null,
    /// A text that says so.
    Text,
}

impl Erased {
    /// The word for it in the envelope.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Null => "null",
            Self::Text => "text",
        }
    }
}

/// A personal value that is to be encrypted and cannot be.
#[derive(Clone, Debug)]
pub struct Unencryptable {
    /// JSON pointer to it.
    pub pointer: String,
    /// Its schema.
    pub span: Span,
    /// Continues a sentence that begins with the place.
    pub why: &'static str,
    /// What to write instead.
    pub help: &'static str,
}

const MAKE_OPTIONAL: &str = "leave it out of `required`, or let it be null";

impl<'a> Scope<'a> {
    /// The places of a payload that are encrypted where data of these kinds is, and those that would have to be.
    pub fn encrypted(
        self,
        payload: &'a Schema,
        kinds: &BTreeSet<Pii>,
    ) -> (Vec<Encrypted>, Vec<Unencryptable>) {
        let (found, refused) = (Vec::new(), Vec::new());
        let (within, rings) = (Vec::new(), Vec::new());
        let mut walk = Walk { scope: self, kinds, found, refused, within, rings };
        if !kinds.is_empty() {
            walk.value(payload, "", false, None);
        }
        (walk.found, walk.refused)
    }

    /// The schemas of what a pointer leads to.
    fn at(self, schema: &'a Schema, way: &[&str]) -> Vec<&'a Schema> {
        let schema = self.follow(schema);
        let Some((first, rest)) = way.split_first() else { return vec![schema] };
        let inner: Vec<&Schema> = match &schema.shape {
            Shape::Object(object) => object
                .properties
                .iter()
                .filter(|property| escaped(&property.name) == *first)
                .map(|property| &property.schema)
                .chain(object.extra.as_deref())
                .collect(),
            Shape::Array(array) => vec![&array.items],
            Shape::Tuple(items) => items.iter().collect(),
            Shape::Map(map) => vec![&map.values],
            Shape::OneOf(one_of) => {
                return one_of.variants.iter().flat_map(|one| self.at(&one.schema, way)).collect();
            }
            _ => Vec::new(),
        };
        inner.into_iter().flat_map(|inner| self.at(inner, rest)).collect()
    }
}

struct Walk<'a, 'k> {
    scope: Scope<'a>,
    kinds: &'k BTreeSet<Pii>,
    found: Vec<Encrypted>,
    refused: Vec<Unencryptable>,
    /// The types that are being walked through.
    within: Vec<TypeRef>,
    /// Those of them that were met again below.
    rings: Vec<TypeRef>,
}

impl<'a> Walk<'a, '_> {
    /// A value which is encrypted because something around it is, or by its own mark. `spare` is what stands for it once it
    /// is erased, where it need not be there.
    fn value(&mut self, schema: &'a Schema, pointer: &str, inherited: bool, spare: Option<Erased>) {
        let mut own = self.scope.chain(schema).filter_map(|step| step.pii);
        let is_meant = inherited || own.any(|kind| self.kinds.contains(&kind));
        let spare = spare.or_else(|| self.scope.is_nullable(schema).then_some(Erased::Null));
        let target = self.scope.follow(schema);
        if is_meant {
            match (spare, &target.shape) {
                (Some(erased), _) => return self.push(pointer, erased),
                (None, Shape::String(text)) if is_plain(text.format.as_ref()) => {
                    return self.push(pointer, Erased::Text);
                }
                (None, Shape::Object(_) | Shape::Array(_) | Shape::Tuple(_) | Shape::Map(_)) => {}
                (None, _) => {
                    let why = "is always there and no plain string: nothing could stand for it once it is erased";
                    return self.refuse(pointer, schema.span, why, MAKE_OPTIONAL);
                }
            }
        }
        if let Shape::Ref(reference) = &schema.shape {
            self.named(reference, target, pointer, is_meant);
        } else {
            self.inside(target, pointer, is_meant);
        }
    }

    fn named(&mut self, reference: &TypeRef, target: &'a Schema, pointer: &str, is_meant: bool) {
        if self.within.contains(reference) {
            self.rings.push(reference.clone());
            return;
        }
        let before = self.found.len();
        self.within.push(reference.clone());
        self.inside(target, pointer, is_meant);
        self.within.pop();
        if self.rings.contains(reference) {
            self.rings.retain(|ring| ring != reference);
            if let Some(first) = self.found.get(before).map(|one| one.pointer.clone()) {
                self.found.truncate(before);
                let why = "is in a type that holds itself, so that its places cannot be listed";
                self.refuse(&first, target.span, why, "give it a type that ends somewhere");
            }
        }
    }

    fn inside(&mut self, schema: &'a Schema, pointer: &str, is_meant: bool) {
        match &schema.shape {
            Shape::Object(object) => self.object(object, pointer, is_meant),
            Shape::Array(array) => self.array(array, pointer, is_meant),
            Shape::Tuple(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.value(item, &format!("{pointer}/{place}"), is_meant, None);
                }
            }
            Shape::Map(map) => self.map(schema, map, pointer, is_meant),
            Shape::OneOf(one_of) => self.alternatives(one_of, pointer),
            _ => {}
        }
    }

    fn object(&mut self, object: &'a Object, pointer: &str, is_meant: bool) {
        for property in &object.properties {
            let spare = (!property.required).then_some(Erased::Absent);
            let place = below(pointer, &property.name);
            let before = self.found.len();
            self.value(&property.schema, &place, is_meant, spare);
            let goes = self
                .found
                .get(before)
                .is_some_and(|one| one.pointer == place && one.erased == Erased::Absent);
            if goes && is_counted(object, property) {
                self.found.truncate(before);
                let why = "is counted on by `minProperties` or `dependentRequired`, and is gone once it is erased";
                self.refuse(
                    &place,
                    property.schema.span,
                    why,
                    "let it be null instead, or lift that constraint",
                );
            }
            if self.found.len() > before && ["*", "**"].contains(&property.name.as_str()) {
                self.found.truncate(before);
                let why = "has a name that stands for any in a pointer";
                self.refuse(&place, property.schema.span, why, "give it another name");
            }
        }
        if let Some(extra) = &object.extra {
            let before = self.found.len();
            self.value(extra, &format!("{pointer}/*"), is_meant, None);
            if self.found.len() > before {
                self.found.truncate(before);
                let why = "cannot be told from the properties beside it by a pointer";
                self.refuse(
                    &format!("{pointer}/*"),
                    extra.span,
                    why,
                    "put it into a map of its own",
                );
            }
        }
    }

    fn array(&mut self, array: &'a Array, pointer: &str, is_meant: bool) {
        let (before, place) = (self.found.len(), format!("{pointer}/*"));
        self.value(&array.items, &place, is_meant, None);
        if array.unique && self.found.len() > before {
            self.found.truncate(before);
            let why = "is in a list of unique items, and all that is erased is the same";
            self.refuse(&place, array.items.span, why, "leave `uniqueItems` out");
        }
    }

    fn map(&mut self, schema: &Schema, map: &'a Map, pointer: &str, is_meant: bool) {
        let keys = map.keys.as_deref();
        let named = keys.and_then(|keys| keys.pii).is_some_and(|kind| self.kinds.contains(&kind));
        if is_meant || named {
            let why = "has names that are personal, and names of a map cannot be encrypted";
            self.refuse(pointer, schema.span, why, MAKE_OPTIONAL);
            return;
        }
        self.value(&map.values, &format!("{pointer}/*"), false, None);
    }

    fn alternatives(&mut self, one_of: &'a OneOf, pointer: &str) {
        let places: Vec<(String, Vec<Encrypted>)> = one_of
            .variants
            .iter()
            .map(|variant| {
                let place = match (&one_of.tagging, &variant.tag) {
                    (Tagging::External, Some(tag)) => below(pointer, tag),
                    _ => pointer.to_owned(),
                };
                let before = self.found.len();
                self.value(&variant.schema, &place, false, None);
                (place, self.found.split_off(before))
            })
            .collect();
        for (number, (_, found)) in places.iter().enumerate() {
            for one in found {
                let differs = one_of.variants.iter().zip(&places).enumerate().any(
                    |(other, (variant, (place, theirs)))| {
                        let Some(rest) = one.pointer.strip_prefix(place.as_str()) else {
                            return false;
                        };
                        let way: Vec<&str> = rest.split('/').skip(1).collect();
                        other != number
                            && !theirs.contains(one)
                            && !self.scope.at(&variant.schema, &way).is_empty()
                    },
                );
                if differs {
                    let why =
                        "stands in one alternative, and something else in its place in another";
                    let span = one_of.variants[number].schema.span;
                    self.refuse(&one.pointer, span, why, "give it a name of its own");
                } else if !self.found.contains(one) {
                    self.found.push(one.clone());
                }
            }
        }
    }

    fn push(&mut self, pointer: &str, erased: Erased) {
        self.found.push(Encrypted { pointer: pointer.to_owned(), erased });
    }

    fn refuse(&mut self, pointer: &str, span: Span, why: &'static str, help: &'static str) {
        self.refused.push(Unencryptable { pointer: pointer.to_owned(), span, why, help });
    }
}

/// Whether every text is one.
fn is_plain(format: Option<&Format>) -> bool {
    matches!(format, None | Some(Format::Other(_)))
}

fn is_counted(object: &Object, property: &Property) -> bool {
    object.min_properties.is_some()
        || object.dependent_required.iter().any(|(_, others)| others.contains(&property.name))
}
