//! Lowers schemas to the JSON Schema that typify turns into types without surprises.
//!
//! Every struct, enum and newtype becomes a definition of its own, which is always a plain object: with a property for
//! each field, for each place of an enum's variants, or for what a newtype holds. From what typify makes of it the
//! [shaper](super::shape) takes the types of these fields, and where they have to be boxed; names, representation,
//! defaults and documentation are given there. Nothing of what a catalog's author writes gets here, so no name in it can
//! upset typify. What a Rust type does not carry (bounds, patterns, lengths) is left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::names;
use crate::model::{Format, Object, OneOf, Schema, Scope, Shape, Tagging, TypeRef};

/// Begins the names of definitions.
const INTERNAL: &str = "TidingsType";

/// What stands before the name of a definition where it is referred to.
pub(super) const DEFINITIONS: &str = "#/definitions/";

/// The field of what is kept of properties that a struct does not know.
pub(super) const EXTRA: &str = "extra";

/// The field of a newtype.
pub(super) const VALUE: &str = "value";

/// The field of a property, or of a variant's content, by its number.
pub(super) fn field(number: usize) -> String {
    format!("field_{number}")
}

/// A field of a variant.
pub(super) fn of_variant(variant: usize, field: &str) -> String {
    format!("variant_{variant}_{field}")
}

/// One struct, enum or newtype to emit.
pub(super) struct Definition<'a> {
    /// Its name in the lowered schema.
    pub(super) internal: String,
    /// Its Rust name.
    pub(super) name: String,
    /// What it stands for.
    pub(super) schema: &'a Schema,
    /// What to say about it where the schema says nothing.
    pub(super) fallback: String,
    /// Whether it belongs to the module of shared types.
    pub(super) shared: bool,
}

/// Schemas on their way to typify.
pub(super) struct Lowering<'a, 't> {
    scope: Scope<'a>,
    taken: &'t mut BTreeSet<String>,
    /// In the order in which the types are to stand in the code.
    pub(super) definitions: Vec<Definition<'a>>,
    /// The same as JSON Schema, by internal name.
    pub(super) json: BTreeMap<String, Value>,
    /// Internal names of the types that are referred to.
    internal: BTreeMap<TypeRef, String>,
    in_types: bool,
}

impl<'a, 't> Lowering<'a, 't> {
    /// `taken` are the names that the module has already given away; `in_types` tells the module of shared types,
    /// where a shared type is not foreign.
    pub(super) fn new(scope: Scope<'a>, taken: &'t mut BTreeSet<String>, in_types: bool) -> Self {
        Self {
            scope,
            taken,
            definitions: Vec::new(),
            json: BTreeMap::new(),
            internal: BTreeMap::new(),
            in_types,
        }
    }

    /// Adds the type of an event.
    pub(super) fn event(&mut self, name: &str, schema: &'a Schema) {
        let internal = format!("{INTERNAL}Event");
        self.define(internal, name, schema, String::new(), false);
    }

    /// Adds a type that others may refer to.
    pub(super) fn root(&mut self, reference: &TypeRef, schema: &'a Schema, fallback: String) {
        let internal = self.internal_of(reference);
        self.define(internal, reference.name(), schema, fallback, false);
    }

    fn define(
        &mut self,
        internal: String,
        name: &str,
        schema: &'a Schema,
        fallback: String,
        shared: bool,
    ) {
        self.definitions.push(Definition {
            internal: internal.clone(),
            name: name.to_owned(),
            schema,
            fallback,
            shared,
        });
        let owner = Place::of(name, shared);
        let mut fields = Map::new();
        match &schema.shape {
            Shape::Object(object) => self.object(&owner, object, &mut fields, &str::to_owned),
            Shape::OneOf(one_of) => self.one_of(&owner, one_of, &mut fields),
            // Its variants hold nothing.
            Shape::Enum(_) => {}
            _ => {
                fields.insert(VALUE.to_owned(), self.shape(&owner, schema));
            }
        }
        let required: Vec<&String> = fields.keys().collect();
        let body = match required.is_empty() {
            // Open to all properties it would be a map.
            true => json!({ "type": "object", "additionalProperties": false }),
            false => json!({ "type": "object", "required": required, "properties": fields }),
        };
        self.json.insert(internal, body);
    }

    fn object(
        &mut self,
        owner: &Place,
        object: &'a Object,
        fields: &mut Map<String, Value>,
        key: &dyn Fn(&str) -> String,
    ) {
        for (number, property) in object.properties.iter().enumerate() {
            let lowered = self.plain(&owner.nested(&property.name), &property.schema);
            fields.insert(key(&field(number)), lowered);
        }
        if let Some(extra) = &object.extra {
            let values = self.usage(&owner.nested(EXTRA), extra);
            let map = json!({ "type": "object", "additionalProperties": values });
            fields.insert(key(EXTRA), map);
        }
    }

    fn one_of(&mut self, owner: &Place, one_of: &'a OneOf, fields: &mut Map<String, Value>) {
        for (number, variant) in one_of.variants.iter().enumerate() {
            let place = owner.nested(variant.label());
            match (&one_of.tagging, &variant.schema.shape) {
                (Tagging::Internal(_), Shape::Object(object)) => {
                    self.object(&place, object, fields, &|key| of_variant(number, key));
                }
                _ => {
                    let lowered = self.usage(&place, &variant.schema);
                    fields.insert(field(number), lowered);
                }
            }
        }
    }

    /// A schema where it is used, or `null` where it may be that.
    fn usage(&mut self, place: &Place, schema: &'a Schema) -> Value {
        let lowered = self.plain(place, schema);
        match self.scope.is_nullable(schema) {
            true => json!({ "oneOf": [lowered, { "type": "null" }] }),
            false => lowered,
        }
    }

    /// The same without the `null`: what needs a name becomes a definition of its own.
    fn plain(&mut self, place: &Place, schema: &'a Schema) -> Value {
        match &schema.shape {
            Shape::Object(_) | Shape::Enum(_) | Shape::OneOf(_) => {
                let name = if place.shared { place.name.clone() } else { self.fresh(&place.name) };
                let internal = self.fresh_internal();
                let fallback = format!("`{}` of [`{}`].", place.path, place.root);
                self.define(internal.clone(), &name, schema, fallback, place.shared);
                reference(&internal)
            }
            _ => self.shape(place, schema),
        }
    }

    fn shape(&mut self, place: &Place, schema: &'a Schema) -> Value {
        match &schema.shape {
            Shape::Null => json!({ "type": "null" }),
            Shape::Boolean { .. } => json!({ "type": "boolean" }),
            Shape::Integer(integer) => {
                let format = if integer.is_unsigned() { "uint64" } else { "int64" };
                json!({ "type": "integer", "format": format })
            }
            Shape::Number(_) => json!({ "type": "number" }),
            Shape::String(text) => match text.format.as_ref().and_then(rust_format) {
                Some(format) => json!({ "type": "string", "format": format }),
                None => json!({ "type": "string" }),
            },
            Shape::Array(array) => {
                let items = self.usage(&place.nested("item"), &array.items);
                match array.fixed_length() {
                    Some(length) => json!({
                        "type": "array", "items": items, "minItems": length, "maxItems": length,
                    }),
                    None => json!({ "type": "array", "items": items }),
                }
            }
            Shape::Tuple(places) => {
                let length = places.len();
                let places = places.iter().enumerate().map(|(number, item)| {
                    self.usage(&place.nested(&format!("item_{number}")), item)
                });
                let items: Vec<Value> = places.collect();
                json!({ "type": "array", "items": items, "minItems": length, "maxItems": length })
            }
            Shape::Map(map) => {
                let values = self.usage(&place.nested("value"), &map.values);
                json!({ "type": "object", "additionalProperties": values })
            }
            Shape::Ref(target) => self.referred(target),
            Shape::Any | Shape::Enum(_) | Shape::Object(_) | Shape::OneOf(_) => json!({}),
        }
    }

    fn referred(&mut self, target: &TypeRef) -> Value {
        // What could not be resolved is any value: the mistake is reported where it was made.
        let Some(found) = self.scope.get(target) else { return json!({}) };
        let is_foreign = matches!(target, TypeRef::Shared(_)) && !self.in_types;
        let is_new = !self.internal.contains_key(target);
        let internal = self.internal_of(target);
        if is_foreign && is_new {
            // Lowered with each payload, but emitted only once, elsewhere.
            self.define(internal.clone(), target.name(), &found.schema, String::new(), true);
        }
        reference(&internal)
    }

    fn internal_of(&mut self, reference: &TypeRef) -> String {
        if let Some(known) = self.internal.get(reference) {
            return known.clone();
        }
        let internal = format!("{INTERNAL}Named{}", self.internal.len());
        self.internal.insert(reference.clone(), internal.clone());
        internal
    }

    fn fresh_internal(&self) -> String {
        format!("{INTERNAL}{}", self.definitions.len())
    }

    /// The name, or the name and a number where the module has it already.
    fn fresh(&mut self, name: &str) -> String {
        let numbered = (2u32..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.to_owned())
            .chain(numbered)
            .find(|name| !self.taken.contains(name))
            .unwrap_or_default();
        self.taken.insert(free.clone());
        free
    }
}

/// Where in a named type a schema stands: nested types are named after it.
struct Place {
    /// The name that a type here gets.
    name: String,
    /// The type around it.
    root: String,
    /// The way from there: `lines.item`.
    path: String,
    shared: bool,
}

impl Place {
    fn of(name: &str, shared: bool) -> Self {
        Self { name: name.to_owned(), root: name.to_owned(), path: String::new(), shared }
    }

    fn nested(&self, part: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self {
            name: format!("{}{}", self.name, names::part(part)),
            root: self.root.clone(),
            path: format!("{}{dot}{part}", self.path),
            shared: self.shared,
        }
    }
}

fn reference(internal: &str) -> Value {
    json!({ "$ref": format!("{DEFINITIONS}{internal}") })
}

/// The formats that have a Rust type of their own.
fn rust_format(format: &Format) -> Option<&'static str> {
    match format {
        Format::Uuid => Some("uuid"),
        Format::DateTime => Some("date-time"),
        Format::Date => Some("date"),
        Format::Other(_) => None,
    }
}
