use serde_json::Value;

use super::{Example, Shape};
use crate::source::Span;

/// A checked JSON Schema: only what has a Rust shape gets here.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Where it is written.
    pub span: Span,
    /// `title`.
    pub title: Option<String>,
    /// `description`, Markdown for people.
    pub description: Option<String>,
    /// `deprecated`.
    pub deprecated: bool,
    /// `readOnly` or `writeOnly`.
    pub access: Option<Access>,
    /// `x-pii`.
    pub pii: Option<Pii>,
    /// Whether `null` is allowed beside the shape.
    pub nullable: bool,
    /// `default`.
    pub default: Option<Value>,
    /// `examples`.
    pub examples: Vec<Example>,
    /// What a value looks like.
    pub shape: Shape,
}

impl Schema {
    /// A schema of which only the shape is known.
    pub fn new(span: Span, shape: Shape) -> Self {
        Self {
            span,
            title: None,
            description: None,
            deprecated: false,
            access: None,
            pii: None,
            nullable: false,
            default: None,
            examples: Vec::new(),
            shape,
        }
    }

    /// The schemas that stand in this one.
    pub fn inner(&self) -> Vec<&Self> {
        match &self.shape {
            Shape::Array(array) => vec![&*array.items],
            Shape::Tuple(items) => items.iter().collect(),
            Shape::Map(map) => map.keys.iter().chain([&map.values]).map(|one| &**one).collect(),
            Shape::Object(object) => {
                let properties = object.properties.iter().map(|one| &one.schema);
                properties.chain(object.extra.as_deref()).collect()
            }
            Shape::OneOf(one_of) => one_of.variants.iter().map(|one| &one.schema).collect(),
            Shape::Any
            | Shape::Null
            | Shape::Boolean { .. }
            | Shape::Integer(_)
            | Shape::Number(_)
            | Shape::String(_)
            | Shape::Enum(_)
            | Shape::Ref(_) => Vec::new(),
        }
    }

    /// The same, to change them.
    pub(crate) fn inner_mut(&mut self) -> Vec<&mut Self> {
        match &mut self.shape {
            Shape::Array(array) => vec![&mut *array.items],
            Shape::Tuple(items) => items.iter_mut().collect(),
            Shape::Map(map) => {
                map.keys.iter_mut().chain([&mut map.values]).map(|one| &mut **one).collect()
            }
            Shape::Object(object) => {
                let properties = object.properties.iter_mut().map(|one| &mut one.schema);
                properties.chain(object.extra.as_deref_mut()).collect()
            }
            Shape::OneOf(one_of) => one_of.variants.iter_mut().map(|one| &mut one.schema).collect(),
            Shape::Any
            | Shape::Null
            | Shape::Boolean { .. }
            | Shape::Integer(_)
            | Shape::Number(_)
            | Shape::String(_)
            | Shape::Enum(_)
            | Shape::Ref(_) => Vec::new(),
        }
    }
}

/// Who may set a value, as far as a schema says. Only for people: an event is written once, by its publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `readOnly`.
    ReadOnly,
    /// `writeOnly`.
    WriteOnly,
}

/// How closely a value is tied to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pii {
    /// Names the person: a name, an e-mail address.
    Direct,
    /// Leads to the person together with other data: an address of a device, a postcode.
    Indirect,
    /// Of a kind that the law protects more: health, belief, payment data.
    Sensitive,
}

impl Pii {
    /// The word behind `x-pii`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Indirect => "indirect",
            Self::Sensitive => "sensitive",
        }
    }
}

/// What a `$ref` leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TypeRef {
    /// A file under `types`, by its Rust name; see [`Catalog::types`](super::Catalog::types).
    Shared(String),
    /// An entry of the payload's own `$defs`, by its Rust name (`OrderCreatedAddress`); see [`SharedType`].
    Local(String),
}

impl TypeRef {
    /// The Rust name.
    pub fn name(&self) -> &str {
        match self {
            Self::Shared(name) | Self::Local(name) => name,
        }
    }
}

/// A schema with a name of its own.
#[derive(Clone, Debug)]
pub struct SharedType {
    /// Where it begins.
    pub span: Span,
    /// Its Rust name.
    pub rust_name: String,
    /// What it looks like.
    pub schema: Schema,
}
