//! Checks values against schemas of the model.

mod scalar;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::{Object, OneOf, Places, Schema, Scope, Shape, Tagging, Variant};
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
    scope: Scope<'c>,
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

impl<'c> Checker<'c> {
    pub(crate) fn new(scope: Scope<'c>, what: &'static str, gaps: &'c BTreeSet<Span>) -> Self {
        Self { scope, what, gaps }
    }

    /// Everything in which a value differs from a schema.
    pub(crate) fn check(&self, value: &Value, schema: &Schema) -> Vec<Mismatch> {
        self.check_at(value, schema, "")
    }

    fn check_at(&self, value: &Value, schema: &Schema, at: &str) -> Vec<Mismatch> {
        let mut run = Run { checker: self, found: Vec::new() };
        run.value(value, schema, at);
        run.found
    }
}

impl Run<'_, '_> {
    fn value(&mut self, value: &Value, written: &Schema, at: &str) {
        let schema = self.checker.scope.follow(written);
        let nullable = self.checker.scope.is_nullable(written);
        if self.checker.gaps.contains(&schema.span) || (value.is_null() && nullable) {
            return;
        }
        match (&schema.shape, value) {
            // What a reference could not be resolved to has been reported.
            (Shape::Any | Shape::Ref(_), _) | (Shape::Null, Value::Null) => {}
            (Shape::Boolean { only }, Value::Bool(found)) => {
                self.boolean(*found, *only, schema, at);
            }
            (Shape::Integer(integer), Value::Number(found)) => {
                self.integer(found, integer, schema, at);
            }
            (Shape::Number(number), Value::Number(found)) => self.number(found, number, schema, at),
            (Shape::String(text), Value::String(found)) => self.text(found, text, schema, at),
            (Shape::Enum(values), Value::String(found)) => self.word(found, values, schema, at),
            (Shape::Array(array), Value::Array(values)) => {
                let limits = (array.min_items, array.max_items);
                self.length(values.len(), limits, "items", schema, at);
                let twice = |last: usize| values[..last].contains(&values[last]);
                if array.unique && (1..values.len()).any(twice) {
                    self.report(at, format!("{} has an item twice", self.name(at)), schema, None);
                }
                for (index, value) in values.iter().enumerate() {
                    self.value(value, &array.items, &format!("{at}/{index}"));
                }
            }
            (Shape::Tuple(items), Value::Array(values)) => {
                let places = Some(items.len() as u64);
                self.length(values.len(), (places, places), "items", schema, at);
                for (index, (value, item)) in values.iter().zip(items).enumerate() {
                    self.value(value, item, &format!("{at}/{index}"));
                }
            }
            (Shape::Map(map), Value::Object(values)) => {
                let limits = (map.min_properties, map.max_properties);
                self.length(values.len(), limits, "properties", schema, at);
                for (key, value) in values {
                    let place = Places::pointer(at, key);
                    if let Some(keys) = &map.keys {
                        self.key(key, keys, &place);
                    }
                    self.value(value, &map.values, &place);
                }
            }
            (Shape::Object(object), Value::Object(values)) => {
                self.object(object, values, None, schema, at);
            }
            (Shape::OneOf(one_of), _) => self.one_of(one_of, value, schema, at),
            _ => self.wrong(value, schema, at),
        }
    }

    fn object(
        &mut self,
        object: &Object,
        values: &Map<String, Value>,
        tag: Option<&str>,
        schema: &Schema,
        at: &str,
    ) {
        for property in &object.properties {
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
        let known = || object.properties.iter().map(|property| property.name.as_str());
        for (key, value) in values.iter().filter(|(key, _)| tag != Some(key)) {
            if known().any(|name| name == key) {
                continue;
            }
            let place = Places::pointer(at, key);
            if let Some(extra) = &object.extra {
                self.value(value, extra, &place);
                continue;
            }
            let help = match closest(key, known()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("describe `{key}` in the schema, or leave it out"),
            };
            let message = format!("the schema has no property `{key}`");
            self.report_at(&place, true, message, Some(schema.span), Some(help));
        }
        let limits = (object.min_properties, object.max_properties);
        self.length(values.len(), limits, "properties", schema, at);
        for (name, others) in &object.dependent_required {
            let missing = others.iter().find(|other| !values.contains_key(*other));
            if let Some(missing) = missing.filter(|_| values.contains_key(name)) {
                let message =
                    format!("{} has `{name}`, and lacks `{missing}` beside it", self.name(at));
                self.report(at, message, schema, None);
            }
        }
    }

    fn one_of(&mut self, one_of: &OneOf, value: &Value, schema: &Schema, at: &str) {
        let tagged =
            |tag: &str| one_of.variants.iter().find(|variant| variant.tag.as_deref() == Some(tag));
        match (&one_of.tagging, value) {
            (Tagging::Untagged, _) => self.untagged(&one_of.variants, value, schema, at),
            (
                Tagging::Internal(property) | Tagging::Discriminated(property),
                Value::Object(values),
            ) => {
                let Some(variant) = values.get(property).and_then(Value::as_str).and_then(tagged)
                else {
                    return self.none_of(&one_of.variants, &format!("`{property}` is"), schema, at);
                };
                match &variant.schema.shape {
                    Shape::Object(object) if matches!(one_of.tagging, Tagging::Internal(_)) => {
                        self.object(object, values, Some(property), &variant.schema, at);
                    }
                    _ => self.value(value, &variant.schema, at),
                }
            }
            (Tagging::External, Value::Object(values)) => {
                let only = values.iter().next().filter(|_| values.len() == 1);
                match only.and_then(|(key, value)| Some((key, value, tagged(key)?))) {
                    Some((key, value, variant)) => {
                        self.value(value, &variant.schema, &Places::pointer(at, key));
                    }
                    None => self.none_of(&one_of.variants, "its one property is", schema, at),
                }
            }
            _ => self.wrong(value, schema, at),
        }
    }

    fn untagged(&mut self, variants: &[Variant], value: &Value, schema: &Schema, at: &str) {
        let mut attempts = Vec::new();
        for variant in variants {
            let found = self.checker.check_at(value, &variant.schema, at);
            if found.is_empty() {
                return;
            }
            attempts.push(found);
        }
        // Where one alternative is of the value's JSON type, its mismatches say more than that none fits.
        let meant = |variant: &Variant| {
            let shape = &self.checker.scope.follow(&variant.schema).shape;
            match value {
                Value::Object(_) => matches!(shape, Shape::Object(_) | Shape::Map(_)),
                Value::Array(_) => matches!(shape, Shape::Array(_) | Shape::Tuple(_)),
                Value::String(_) => matches!(shape, Shape::String(_) | Shape::Enum(_)),
                Value::Number(_) => matches!(shape, Shape::Integer(_) | Shape::Number(_)),
                Value::Null | Value::Bool(_) => false,
            }
        };
        let mut alike = variants.iter().zip(attempts).filter(|(variant, _)| meant(variant));
        if let (Some((_, found)), None) = (alike.next(), alike.next()) {
            self.found.extend(found);
            return;
        }
        let message = format!("{} is none of the alternatives", self.name(at));
        let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
        self.report(at, message, schema, Some(format!("they are {}", list(&names))));
    }

    fn none_of(&mut self, variants: &[Variant], subject: &str, schema: &Schema, at: &str) {
        let known: Vec<&str> =
            variants.iter().filter_map(|variant| variant.tag.as_deref()).collect();
        let message = format!("{} is none of the alternatives", self.name(at));
        self.report(at, message, schema, Some(format!("{subject} one of {}", list(&known))));
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

    fn wrong(&mut self, value: &Value, schema: &Schema, at: &str) {
        let expected = match &schema.shape {
            Shape::Null => "`null`",
            Shape::Boolean { .. } => "`true` or `false`",
            Shape::Integer(_) => "a whole number",
            Shape::Number(_) => "a number",
            Shape::Array(_) | Shape::Tuple(_) => "a list",
            Shape::Object(_) | Shape::Map(_) | Shape::OneOf(_) => "a mapping",
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
