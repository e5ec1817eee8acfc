use tidings_payload::Encoding;

use super::{Schema, TypeRef};
use crate::source::Span;

/// What a value looks like, and what must hold of it.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// Always `null`.
    Null,
    /// `true` or `false`.
    Boolean {
        /// `const`.
        only: Option<bool>,
    },
    /// A whole number.
    Integer(Integer),
    /// A number.
    Number(Number),
    /// A string.
    String(Text),
    /// One of these strings; a `const` is an enum of one.
    Enum(Vec<String>),
    /// A list whose items are alike.
    Array(Array),
    /// A list with a schema for each of its places, all of which are there.
    Tuple(Vec<Schema>),
    /// A struct.
    Object(Object),
    /// A map from strings.
    Map(Map),
    /// One of several alternatives.
    OneOf(OneOf),
    /// A type of its own.
    Ref(TypeRef),
}

/// What holds of a whole number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integer {
    /// `minimum`, or the number after `exclusiveMinimum`. Within `i64` or `u64`.
    pub minimum: Option<i128>,
    /// `maximum`, or the number before `exclusiveMaximum`. Within `i64` or `u64`.
    pub maximum: Option<i128>,
    /// `multipleOf`; not 0.
    pub multiple_of: Option<u64>,
    /// `enum` or `const`: all that it can be. Empty where it can be any.
    pub values: Vec<i128>,
}

impl Integer {
    /// Whether it is a `u64` in Rust: it cannot be less than 0.
    pub fn is_unsigned(&self) -> bool {
        self.minimum.is_some_and(|minimum| minimum >= 0)
    }
}

/// What holds of a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Number {
    /// `minimum` or `exclusiveMinimum`.
    pub minimum: Option<Bound>,
    /// `maximum` or `exclusiveMaximum`.
    pub maximum: Option<Bound>,
    /// `multipleOf`; more than 0.
    pub multiple_of: Option<f64>,
    /// `enum` or `const`: all that it can be. Empty where it can be any.
    pub values: Vec<f64>,
}

/// An end of a range of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: f64,
    /// Whether the number itself is outside.
    pub exclusive: bool,
}

/// What holds of a string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// `format`.
    pub format: Option<Format>,
    /// `pattern`, a regular expression of ECMA-262; several where `allOf` joins them. All must match.
    pub patterns: Vec<String>,
    /// `minLength`, in characters.
    pub min_length: Option<u64>,
    /// `maxLength`, in characters.
    pub max_length: Option<u64>,
    /// `contentEncoding`.
    pub encoding: Option<Encoding>,
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
    /// Any other standard format (`email`, `uri`, …): a `String`.
    Other(String),
}

/// A list whose items are alike.
#[derive(Clone, Debug)]
pub struct Array {
    /// What is in it.
    pub items: Box<Schema>,
    /// `minItems`.
    pub min_items: Option<u64>,
    /// `maxItems`.
    pub max_items: Option<u64>,
    /// `uniqueItems`.
    pub unique: bool,
}

impl Array {
    /// The longest array that serde can read.
    const LONGEST: u64 = 32;

    /// The length of the Rust array that it is; none where it is a `Vec`.
    pub fn fixed_length(&self) -> Option<usize> {
        let length = self.min_items.filter(|least| Some(*least) == self.max_items)?;
        (1..=Self::LONGEST).contains(&length).then(|| usize::try_from(length).ok()).flatten()
    }
}

/// A struct. Readers skip properties that they do not know, unless it keeps them.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// In the order of the file.
    pub properties: Vec<Property>,
    /// `additionalProperties`, where it is given: what all others look like, which the struct keeps in a map.
    pub extra: Option<Box<Schema>>,
    /// `additionalProperties: false`: writers add no others. Readers skip them all the same.
    pub closed: bool,
    /// `minProperties`.
    pub min_properties: Option<u64>,
    /// `maxProperties`.
    pub max_properties: Option<u64>,
    /// `dependentRequired`: what must be present beside a property, by its name.
    pub dependent_required: Vec<(String, Vec<String>)>,
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

/// A map from strings.
#[derive(Clone, Debug)]
pub struct Map {
    /// `propertyNames`: a [`Shape::String`] or a [`Shape::Enum`].
    pub keys: Option<Box<Schema>>,
    /// What is in it.
    pub values: Box<Schema>,
    /// `minProperties`.
    pub min_properties: Option<u64>,
    /// `maxProperties`.
    pub max_properties: Option<u64>,
}

/// One of several alternatives.
#[derive(Clone, Debug)]
pub struct OneOf {
    /// What tells them apart.
    pub tagging: Tagging,
    /// In the order in which a reader tries them: that of the file where it does not matter.
    pub variants: Vec<Variant>,
}

/// What tells the alternatives of a [`OneOf`] apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// All are objects, and this property is another constant in each. Their schemas leave it out: the enum writes it.
    Internal(String),
    /// All are objects, and this property tells which; they have it like any other, because some are types of their own.
    Discriminated(String),
    /// Each is an object of one property, whose name tells which. Their schemas are that property's.
    External,
    /// What they look like: their JSON type, or properties that only one has.
    Untagged,
}

/// One alternative of a [`OneOf`].
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name in Rust.
    pub name: String,
    /// What stands for it in JSON; none where nothing does, because they are [`Tagging::Untagged`].
    pub tag: Option<String>,
    /// What it looks like, or what it carries: see [`Tagging`].
    pub schema: Schema,
}

impl Variant {
    /// What people call it: its tag, or its name where it has none.
    pub fn label(&self) -> &str {
        self.tag.as_deref().unwrap_or(&self.name)
    }
}
