//! Lowers schemas to the JSON Schema that typify turns into types without surprises.
//!
//! Every struct and enum becomes a definition with a name given here, so that each type that comes back can be told
//! apart and matched with the schema it stands for. What a Rust type does not carry (bounds, patterns, lengths) is left
//! out; it is documented, and checked on the examples.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::names;
use crate::model::{Format, Property, Schema, Scope, Shape, Tagging, TypeRef};

/// Properties that every variant of a tagged enum is given, and loses again in [`super::shape`]: with them typify has
/// no choice but the representation where the tag stands among the other properties.
pub(super) const PADDING: [&str; 2] = ["tidings_padding_a", "tidings_padding_b"];

/// Begins the internal names of shared types, which are lowered with each payload but emitted only once, elsewhere.
const SHARED: &str = "TidingsShared";

/// The same for the types nested in them, with a number: `order.line` and `order_line` are both `OrderLine`.
const NESTED: &str = "TidingsNested";

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
    in_types: bool,
}

impl<'a, 't> Lowering<'a, 't> {
    /// `taken` are the names that the module has already given away; `in_types` tells the module of shared types,
    /// where a shared type is not foreign.
    pub(super) fn new(scope: Scope<'a>, taken: &'t mut BTreeSet<String>, in_types: bool) -> Self {
        Self { scope, taken, definitions: Vec::new(), json: BTreeMap::new(), in_types }
    }

    /// Adds a type whose name is settled.
    pub(super) fn root(&mut self, name: &str, schema: &'a Schema, fallback: String) {
        self.define(name.to_owned(), name, schema, fallback, false);
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
        let body = match &schema.shape {
            Shape::Object(object) => self.object(&owner, &object.properties, &[]),
            Shape::Enum(values) => json!({ "type": "string", "enum": values }),
            Shape::OneOf(one_of) => {
                let Tagging::Internal(tag) = &one_of.tagging else { return };
                let variants: Vec<Value> = one_of
                    .variants
                    .iter()
                    .map(|variant| {
                        let owner = owner.nested(variant.label());
                        let properties = self.scope.properties(&variant.schema);
                        self.object(&owner, properties, &[(tag, variant.label())])
                    })
                    .collect();
                json!({ "oneOf": variants })
            }
            _ => self.shape(&owner, schema),
        };
        self.json.insert(internal, body);
    }

    fn object(
        &mut self,
        owner: &Place,
        properties: &'a [Property],
        tags: &[(&str, &str)],
    ) -> Value {
        let mut fields = Map::new();
        let mut required = Vec::new();
        for (tag, value) in tags {
            fields.insert((*tag).to_owned(), json!({ "type": "string", "enum": [value] }));
            required.push((*tag).to_owned());
            for padding in PADDING {
                fields.insert(padding.to_owned(), json!({ "type": "string" }));
            }
        }
        for property in properties {
            let lowered = self.usage(&owner.nested(&property.name), &property.schema);
            fields.insert(property.name.clone(), lowered);
            if property.required {
                required.push(property.name.clone());
            }
        }
        if fields.is_empty() {
            // Open to all properties it would be a map.
            return json!({ "type": "object", "additionalProperties": false });
        }
        json!({ "type": "object", "properties": fields, "required": required })
    }

    /// A schema where it is used: what needs a name becomes a definition of its own.
    fn usage(&mut self, place: &Place, schema: &'a Schema) -> Value {
        let mut lowered = match &schema.shape {
            Shape::Object(_) | Shape::Enum(_) | Shape::OneOf(_) => self.nested(place, schema),
            _ => self.shape(place, schema),
        };
        if self.scope.is_nullable(schema) {
            lowered = json!({ "oneOf": [lowered, { "type": "null" }] });
        }
        if let (Some(default), Some(lowered)) = (&schema.default, lowered.as_object_mut()) {
            lowered.insert("default".to_owned(), default.clone());
        }
        lowered
    }

    fn nested(&mut self, place: &Place, schema: &'a Schema) -> Value {
        let name = if place.shared { place.name.clone() } else { self.fresh(&place.name) };
        let internal = match place.shared {
            true => format!("{NESTED}{}In{name}", self.definitions.len()),
            false => name.clone(),
        };
        let fallback = format!("`{}` of [`{}`].", place.path, place.root);
        self.define(internal.clone(), &name, schema, fallback, place.shared);
        reference(&internal)
    }

    fn shape(&mut self, place: &Place, schema: &'a Schema) -> Value {
        match &schema.shape {
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
                json!({ "type": "array", "items": items })
            }
            Shape::Map(map) => {
                let values = self.usage(&place.nested("value"), &map.values);
                json!({ "type": "object", "additionalProperties": values })
            }
            Shape::Ref(target) => self.referred(target),
            Shape::Any
            | Shape::Null
            | Shape::Tuple(_)
            | Shape::Enum(_)
            | Shape::Object(_)
            | Shape::OneOf(_) => json!({}),
        }
    }

    fn referred(&mut self, target: &TypeRef) -> Value {
        // What could not be resolved is any value: the mistake is reported where it was made.
        let Some(found) = self.scope.get(target) else { return json!({}) };
        match target {
            TypeRef::Shared(name) if !self.in_types => {
                let internal = format!("{SHARED}{name}");
                if !self.definitions.iter().any(|known| known.internal == internal) {
                    self.define(internal.clone(), name, &found.schema, String::new(), true);
                }
                reference(&internal)
            }
            TypeRef::Shared(name) | TypeRef::Local(name) => reference(name),
        }
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
            name: format!("{}{}", self.name, names::pascal(part)),
            root: self.root.clone(),
            path: format!("{}{dot}{part}", self.path),
            shared: self.shared,
        }
    }
}

fn reference(internal: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{internal}") })
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
