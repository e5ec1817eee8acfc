//! JSON Schemas as far as two of them can be compared: what values look like, whoever wrote it down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// A ring of references ends after so many.
const MAX_REFERENCES: usize = 64;

/// A schema in its document.
#[derive(Clone, Copy)]
pub(super) struct Schema<'a> {
    document: &'a Value,
    pub(super) written: &'a Value,
}

/// What values look like, `null` aside.
pub(super) enum Shape<'a> {
    Any,
    /// Nothing but `null`.
    Null,
    Boolean,
    /// The smallest and the largest.
    Integer(i128, i128),
    Number,
    /// With its format.
    Text(Option<&'a str>),
    /// These words.
    Words(BTreeSet<&'a str>),
    List(Schema<'a>),
    Tuple(Vec<Schema<'a>>),
    Object(Object<'a>),
    /// Alternatives, by what tells them apart.
    Union(BTreeMap<String, Schema<'a>>),
    /// What only its own words describe.
    Other(&'a Value),
}

/// Properties, and what any other looks like.
pub(super) struct Object<'a> {
    pub(super) properties: BTreeMap<&'a str, Schema<'a>>,
    pub(super) required: BTreeSet<&'a str>,
    pub(super) others: Option<Schema<'a>>,
}

impl<'a> Schema<'a> {
    pub(super) fn whole(document: &'a Value) -> Self {
        Self { document, written: document }
    }

    fn at(self, written: &'a Value) -> Self {
        Self { written, ..self }
    }

    fn list(self, keyword: &str) -> Vec<Self> {
        let items = self.written.get(keyword).and_then(Value::as_array);
        items.into_iter().flatten().map(|item| self.at(item)).collect()
    }

    /// What a reference leads to. Annotations beside it say nothing about values.
    fn followed(self) -> Self {
        let mut schema = self;
        for _ in 0..MAX_REFERENCES {
            let all = schema.list("allOf");
            let target = schema.written.get("$ref").and_then(Value::as_str);
            let target = target.and_then(|target| target.strip_prefix('#'));
            match (target.and_then(|pointer| schema.document.pointer(pointer)), all.as_slice()) {
                (Some(target), _) => schema = schema.at(target),
                (None, [only]) if schema.written.get("type").is_none() => schema = *only,
                _ => break,
            }
        }
        schema
    }

    /// What values look like, and whether `null` is one of them.
    pub(super) fn shape(self) -> (Shape<'a>, bool) {
        let schema = self.followed();
        let alternatives = match schema.list("oneOf") {
            none if none.is_empty() => schema.list("anyOf"),
            some => some,
        };
        let is_null = |one: &Self| one.followed().written.get("type") == Some(&Value::from("null"));
        if !alternatives.is_empty() {
            let nullable = alternatives.iter().any(is_null);
            let others: Vec<Self> = alternatives.into_iter().filter(|one| !is_null(one)).collect();
            if let [only] = others.as_slice() {
                let (shape, inner) = only.shape();
                return (shape, nullable || inner);
            }
            return (schema.union(&others), nullable);
        }
        schema.plain()
    }

    /// A schema without alternatives.
    fn plain(self) -> (Shape<'a>, bool) {
        let written = self.written;
        let types: Vec<&str> = match written.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut nullable = types.contains(&"null");
        if let Some(words) = self.words() {
            nullable |= written
                .get("enum")
                .and_then(Value::as_array)
                .is_some_and(|values| values.contains(&Value::Null));
            return (Shape::Words(words), nullable);
        }
        let types: Vec<&str> = types.into_iter().filter(|name| *name != "null").collect();
        let shape = match types.as_slice() {
            [] if nullable => Shape::Null,
            [] if written == &Value::Bool(true)
                || written
                    .as_object()
                    .is_some_and(|all| all.keys().all(|key| is_annotation(key))) =>
            {
                return (Shape::Any, true);
            }
            ["boolean"] => Shape::Boolean,
            ["integer"] => self.integer(),
            ["number"] => Shape::Number,
            ["string"] => Shape::Text(written.get("format").and_then(Value::as_str)),
            ["array"] => match (self.list("prefixItems"), written.get("items")) {
                (places, _) if !places.is_empty() => Shape::Tuple(places),
                (_, Some(items)) => Shape::List(self.at(items)),
                _ => Shape::List(self.at(&Value::Bool(true))),
            },
            ["object"] => self.object(),
            _ => Shape::Other(written),
        };
        (shape, nullable)
    }

    /// The strings of an `enum` or a `const`.
    fn words(self) -> Option<BTreeSet<&'a str>> {
        if let Some(word) = self.written.get("const") {
            return word.as_str().map(|word| BTreeSet::from([word]));
        }
        let values = self.written.get("enum")?.as_array()?;
        values.iter().filter(|value| !value.is_null()).map(Value::as_str).collect()
    }

    fn integer(self) -> Shape<'a> {
        let bound = |keyword| {
            self.written
                .get(keyword)
                .and_then(Value::as_number)
                .and_then(serde_json::Number::as_i128)
        };
        let (mut low, mut high) = match self.written.get("format").and_then(Value::as_str) {
            Some("int8") => (i8::MIN.into(), i8::MAX.into()),
            Some("int16") => (i16::MIN.into(), i16::MAX.into()),
            Some("int32") => (i32::MIN.into(), i32::MAX.into()),
            Some("uint8") => (0, u8::MAX.into()),
            Some("uint16") => (0, u16::MAX.into()),
            Some("uint32") => (0, u32::MAX.into()),
            Some("uint" | "uint64") => (0, u64::MAX.into()),
            // As the catalog's own types: unsigned where nothing is below zero.
            _ if bound("minimum").is_some_and(|low| low >= 0) => (0, u64::MAX.into()),
            _ => (i64::MIN.into(), i64::MAX.into()),
        };
        low = bound("minimum").map_or(low, |bound| bound.max(low));
        high = bound("maximum").map_or(high, |bound| bound.min(high));
        Shape::Integer(low, high)
    }

    fn object(self) -> Shape<'a> {
        let properties = self.written.get("properties").and_then(Value::as_object);
        let required = self.written.get("required").and_then(Value::as_array);
        let others = self.written.get("additionalProperties");
        Shape::Object(Object {
            properties: properties
                .into_iter()
                .flatten()
                .map(|(name, schema)| (name.as_str(), self.at(schema)))
                .collect(),
            required: required.into_iter().flatten().filter_map(Value::as_str).collect(),
            others: others
                .filter(|others| !matches!(others, Value::Bool(false)))
                .map(|others| self.at(others)),
        })
    }

    /// Words where all alternatives are, else alternatives by what tells them apart.
    fn union(self, alternatives: &[Self]) -> Shape<'a> {
        let words: Option<Vec<_>> = alternatives.iter().map(|one| one.followed().words()).collect();
        if let Some(words) = words {
            return Shape::Words(words.into_iter().flatten().collect());
        }
        let named: BTreeMap<String, Self> =
            alternatives.iter().map(|one| (one.mark(), *one)).collect();
        if named.len() < alternatives.len() {
            return Shape::Other(self.written);
        }
        Shape::Union(named)
    }

    /// What tells an alternative apart: a constant property, its only property, or the kind of its values.
    fn mark(self) -> String {
        let (shape, _) = self.shape();
        if let Shape::Object(object) = &shape {
            for (name, schema) in &object.properties {
                if let (Shape::Words(words), _) = schema.shape()
                    && let Some(word) = words.first().filter(|_| words.len() == 1)
                {
                    return format!("{name}: {word}");
                }
            }
            if let [only] = object.properties.keys().collect::<Vec<_>>().as_slice() {
                return (*only).to_string();
            }
        }
        shape.to_string()
    }
}

/// Whether a keyword says nothing about values.
fn is_annotation(keyword: &str) -> bool {
    keyword.starts_with("x-")
        || [
            "$schema",
            "$defs",
            "$comment",
            "$id",
            "title",
            "description",
            "default",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly",
        ]
        .contains(&keyword)
}

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any value"),
            Self::Null => f.write_str("null"),
            Self::Boolean => f.write_str("a boolean"),
            Self::Integer(low, high) => write!(f, "an integer from {low} to {high}"),
            Self::Number => f.write_str("a number"),
            Self::Text(None) => f.write_str("a string"),
            Self::Text(Some(format)) => write!(f, "a string of format {format}"),
            Self::Words(words) => {
                f.write_str("one of")?;
                words.iter().try_for_each(|word| write!(f, " `{word}`"))
            }
            Self::List(_) => f.write_str("a list"),
            Self::Tuple(places) => write!(f, "a tuple of {}", places.len()),
            Self::Object(object) if object.properties.is_empty() => f.write_str("a map"),
            Self::Object(_) => f.write_str("an object"),
            Self::Union(alternatives) => {
                let marks: Vec<&str> = alternatives.keys().map(String::as_str).collect();
                write!(f, "one of several ({})", marks.join(", "))
            }
            Self::Other(written) => write!(f, "{written}"),
        }
    }
}
