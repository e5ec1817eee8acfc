//! Checks values against schemas of the model.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::{Catalog, Places, Property, Schema, Shape, SharedType, TypeRef};
use crate::source::Span;
use crate::syntax::{closest, list};

/// Where and how a value differs from its schema.
pub(crate) struct Mismatch {
    /// JSON pointer into the value.
    pointer: String,
    /// Whether it is about the name of a property rather than its value.
    of_name: bool,
    pub(crate) message: String,
    /// The schema that says otherwise.
    pub(crate) schema: Option<Span>,
    pub(crate) help: Option<String>,
}

impl Mismatch {
    /// Where the value, or the property's name, is written.
    pub(crate) fn place(&self, places: &Places) -> Option<Span> {
        if self.of_name {
            return places.get(&format!("{}#", self.pointer));
        }
        places.get(&self.pointer)
    }
}

/// Knows the types that a schema refers to.
pub(crate) struct Checker<'c> {
    catalog: &'c Catalog,
    local: &'c [SharedType],
    /// What the values are: "the example".
    what: &'static str,
    /// Schemas that nothing can be measured by.
    gaps: &'c BTreeSet<Span>,
}

/// One check of one value.
struct Run<'r, 'c> {
    checker: &'r Checker<'c>,
    found: Vec<Mismatch>,
}

/// References in a row that are followed: more can only be a ring.
const MAX_HOPS: usize = 32;

impl<'c> Checker<'c> {
    pub(crate) fn new(
        catalog: &'c Catalog,
        local: &'c [SharedType],
        what: &'static str,
        gaps: &'c BTreeSet<Span>,
    ) -> Self {
        Self { catalog, local, what, gaps }
    }

    /// Everything in which a value differs from a schema.
    pub(crate) fn check(&self, value: &Value, schema: &Schema) -> Vec<Mismatch> {
        let mut run = Run { checker: self, found: Vec::new() };
        run.value(value, schema, "");
        run.found
    }

    fn get(&self, reference: &TypeRef) -> Option<&'c Schema> {
        let target = match reference {
            TypeRef::Shared(name) => self.catalog.types.get(name),
            TypeRef::Local(name) => self.local.iter().find(|one| one.rust_name == *name),
        };
        target.map(|target| &target.schema)
    }
}

impl Run<'_, '_> {
    fn value(&mut self, value: &Value, schema: &Schema, at: &str) {
        let mut nullable = schema.nullable;
        let mut schema = schema;
        for _ in 0..MAX_HOPS {
            let Shape::Ref(reference) = &schema.shape else { break };
            // What a reference could not be resolved to has been reported.
            let Some(target) = self.checker.get(reference) else { return };
            schema = target;
            nullable |= schema.nullable;
        }
        if self.checker.gaps.contains(&schema.span) || (value.is_null() && nullable) {
            return;
        }
        match (&schema.shape, value) {
            (Shape::Any | Shape::Ref(_), _) | (Shape::Boolean, Value::Bool(_)) => {}
            (Shape::Integer { minimum, maximum }, Value::Number(number)) => {
                let unsigned = minimum.is_some_and(|minimum| minimum >= 0);
                let fits = number.is_i64() || (unsigned && number.is_u64());
                if fits {
                    let exact = number.as_i64().map_or(i128::from(u64::MAX), i128::from);
                    let (low, high) = (minimum.map(i128::from), maximum.map(i128::from));
                    self.bounds(&exact, low.as_ref(), high.as_ref(), number, schema, at);
                } else {
                    self.wrong(value, schema, at);
                }
            }
            (Shape::Number { minimum, maximum }, Value::Number(number)) => {
                let float = number.as_f64().unwrap_or_default();
                self.bounds(&float, minimum.as_ref(), maximum.as_ref(), number, schema, at);
            }
            (Shape::String { .. }, Value::String(text)) => self.text(text, schema, at),
            (Shape::Enum(values), Value::String(text)) => {
                if !values.contains(text) {
                    let help = match closest(text, values.iter().map(String::as_str)) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => format!("the values are {}", list(values)),
                    };
                    let message =
                        format!("{} is `{text}`, which the enum does not have", self.name(at));
                    self.report(at, message, schema, Some(help));
                }
            }
            (Shape::Const(constant), Value::String(text)) if text == constant => {}
            (Shape::Array { items, min_items, max_items, unique }, Value::Array(values)) => {
                self.length(values.len(), (*min_items, *max_items), "items", schema, at);
                if *unique && (1..values.len()).any(|last| values[..last].contains(&values[last])) {
                    self.report(at, format!("{} has an item twice", self.name(at)), schema, None);
                }
                for (index, value) in values.iter().enumerate() {
                    self.value(value, items, &format!("{at}/{index}"));
                }
            }
            (Shape::Map { values: inner }, Value::Object(values)) => {
                for (key, value) in values {
                    self.value(value, inner, &Places::pointer(at, key));
                }
            }
            (Shape::Object { properties }, Value::Object(values)) => {
                self.object(properties, values, None, schema, at);
            }
            (Shape::OneOf { tag, variants }, Value::Object(values)) => {
                let constant = values.get(tag).and_then(Value::as_str);
                match variants.iter().find(|variant| Some(variant.tag.as_str()) == constant) {
                    Some(variant) => {
                        if let Shape::Object { properties } = &variant.schema.shape {
                            self.object(properties, values, Some(tag), &variant.schema, at);
                        }
                    }
                    None => {
                        let known: Vec<&str> =
                            variants.iter().map(|one| one.tag.as_str()).collect();
                        let message = format!("{} is none of the alternatives", self.name(at));
                        let help = format!("`{tag}` is one of {}", list(&known));
                        self.report(at, message, schema, Some(help));
                    }
                }
            }
            _ => self.wrong(value, schema, at),
        }
    }

    fn object(
        &mut self,
        properties: &[Property],
        values: &Map<String, Value>,
        tag: Option<&str>,
        schema: &Schema,
        at: &str,
    ) {
        for property in properties {
            match values.get(&property.name) {
                Some(value) => {
                    self.value(value, &property.schema, &Places::pointer(at, &property.name));
                }
                None if property.required => {
                    let message =
                        format!("{} lacks `{}`, which is required", self.name(at), property.name);
                    self.report_at(at, false, message, Some(property.span), None);
                }
                None => {}
            }
        }
        for key in values.keys().filter(|key| tag != Some(key)) {
            if properties.iter().any(|property| property.name == *key) {
                continue;
            }
            let known = properties.iter().map(|property| property.name.as_str());
            let help = match closest(key, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("describe `{key}` in the schema, or leave it out"),
            };
            let message = format!("the schema has no property `{key}`");
            self.report_at(&Places::pointer(at, key), true, message, Some(schema.span), Some(help));
        }
    }

    fn text(&mut self, text: &str, schema: &Schema, at: &str) {
        let Shape::String { format, pattern, min_length, max_length } = &schema.shape else {
            return;
        };
        if let Some(format) = format.as_ref().filter(|format| !format.fits(text)) {
            let message = format!("{} is `{text}`, which is no `{}`", self.name(at), format.name());
            self.report(at, message, schema, None);
        }
        let regex = pattern.as_ref().and_then(|one| regress::Regex::with_flags(one, "u").ok());
        if regex.is_some_and(|regex| regex.find(text).is_none()) {
            let pattern = pattern.as_deref().unwrap_or_default();
            let message =
                format!("{} is `{text}`, which `{pattern}` does not match", self.name(at));
            self.report(at, message, schema, None);
        }
        self.length(text.chars().count(), (*min_length, *max_length), "characters", schema, at);
    }

    fn length(
        &mut self,
        length: usize,
        (minimum, maximum): (Option<u64>, Option<u64>),
        what: &str,
        schema: &Schema,
        at: &str,
    ) {
        let length = length as u64;
        let limit = match (minimum, maximum) {
            (Some(minimum), _) if length < minimum => format!("at least {minimum}"),
            (_, Some(maximum)) if length > maximum => format!("at most {maximum}"),
            _ => return,
        };
        let message = format!("{} has {length} {what}, and takes {limit}", self.name(at));
        self.report(at, message, schema, None);
    }

    fn bounds<T: PartialOrd + std::fmt::Display>(
        &mut self,
        value: &T,
        minimum: Option<&T>,
        maximum: Option<&T>,
        written: &serde_json::Number,
        schema: &Schema,
        at: &str,
    ) {
        let limit = match (minimum, maximum) {
            (Some(minimum), _) if value < minimum => format!("less than {minimum}"),
            (_, Some(maximum)) if value > maximum => format!("more than {maximum}"),
            _ => return,
        };
        self.report(at, format!("{} is {written}, {limit}", self.name(at)), schema, None);
    }

    fn wrong(&mut self, value: &Value, schema: &Schema, at: &str) {
        let expected = match &schema.shape {
            Shape::Boolean => "`true` or `false`",
            Shape::Integer { .. } => "a whole number",
            Shape::Number { .. } => "a number",
            Shape::Array { .. } => "a list",
            Shape::Object { .. } | Shape::Map { .. } | Shape::OneOf { .. } => "a mapping",
            _ => "a string",
        };
        let found = match value {
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "a mapping".to_owned(),
            scalar => format!("`{scalar}`"),
        };
        let scalar = matches!(value, Value::Bool(_) | Value::Number(_));
        let help = (expected == "a string" && scalar).then(|| "put it in quotes".to_owned());
        let message = format!("{} is {found}, and takes {expected}", self.name(at));
        self.report(at, message, schema, help);
    }

    fn report(&mut self, at: &str, message: String, schema: &Schema, help: Option<String>) {
        self.report_at(at, false, message, Some(schema.span), help);
    }

    fn report_at(
        &mut self,
        at: &str,
        of_name: bool,
        message: String,
        schema: Option<Span>,
        help: Option<String>,
    ) {
        self.found.push(Mismatch { pointer: at.to_owned(), of_name, message, schema, help });
    }

    /// A JSON pointer for a message.
    fn name(&self, pointer: &str) -> String {
        if pointer.is_empty() { self.checker.what.to_owned() } else { format!("`{pointer}`") }
    }
}
