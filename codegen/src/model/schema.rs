use serde_json::Value;

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
    /// `x-pii`.
    pub pii: Option<Pii>,
    /// Whether `null` is allowed beside the shape.
    pub nullable: bool,
    /// `default`.
    pub default: Option<Value>,
    /// What a value looks like.
    pub shape: Shape,
}

impl Schema {
    /// The schemas that stand in this one.
    pub fn inner(&self) -> Vec<&Schema> {
        match &self.shape {
            Shape::Array { items: inner, .. } | Shape::Map { values: inner } => vec![inner],
            Shape::Object { properties } => properties.iter().map(|one| &one.schema).collect(),
            Shape::OneOf { variants, .. } => variants.iter().map(|one| &one.schema).collect(),
            _ => Vec::new(),
        }
    }
}

/// What a value looks like.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer {
        /// `minimum`.
        minimum: Option<i64>,
        /// `maximum`.
        maximum: Option<i64>,
    },
    /// A number.
    Number {
        /// `minimum`.
        minimum: Option<f64>,
        /// `maximum`.
        maximum: Option<f64>,
    },
    /// A string.
    String {
        /// `format`.
        format: Option<Format>,
        /// `pattern`.
        pattern: Option<String>,
        /// `minLength`, in characters.
        min_length: Option<u64>,
        /// `maxLength`, in characters.
        max_length: Option<u64>,
    },
    /// One of these strings.
    Enum(Vec<String>),
    /// Exactly this string: the tag of a [`Shape::OneOf`].
    Const(String),
    /// A list.
    Array {
        /// What is in it.
        items: Box<Schema>,
        /// `minItems`.
        min_items: Option<u64>,
        /// `maxItems`.
        max_items: Option<u64>,
        /// `uniqueItems`.
        unique: bool,
    },
    /// A struct.
    Object {
        /// In the order of the file.
        properties: Vec<Property>,
    },
    /// A map from strings.
    Map {
        /// What is in it.
        values: Box<Schema>,
    },
    /// One of several objects, told apart by a property.
    OneOf {
        /// The property that all have, each with another constant.
        tag: String,
        /// The objects, in the order of the file.
        variants: Vec<Variant>,
    },
    /// A type of its own.
    Ref(TypeRef),
}

/// A property of an object.
#[derive(Clone, Debug)]
pub struct Property {
    /// Where its name is written.
    pub span: Span,
    /// Its name in JSON.
    pub name: String,
    /// Whether it must be present.
    pub required: bool,
    /// Its value.
    pub schema: Schema,
}

/// One object of a [`Shape::OneOf`].
#[derive(Clone, Debug)]
pub struct Variant {
    /// The tag's value.
    pub tag: String,
    /// The object, the tag's property left out.
    pub schema: Schema,
}

/// What a `$ref` leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TypeRef {
    /// A file under `types`, by its Rust name; see [`Catalog::types`](super::Catalog::types).
    Shared(String),
    /// An entry of the payload's own `$defs`, by its Rust name (`OrderCreatedAddress`); see [`SharedType`].
    Local(String),
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

/// `format` of a string. Formats that change the Rust type have their own names here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `uuid`.
    Uuid,
    /// `date-time`, RFC 3339.
    DateTime,
    /// `date`, RFC 3339.
    Date,
    /// Any other standard format (`email`, `uri`, …): a `String`, checked on the examples.
    Other(String),
}

/// How closely a value is tied to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pii {
    /// Names the person: a name, an e-mail address.
    Direct,
    /// Leads to the person together with other data: an address of a device, a postcode.
    Indirect,
    /// Of a kind that the law protects more: health, belief, payment data.
    Sensitive,
}
