//! Whether what became of a payload is one of another version.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tree::{Member, Node, Part, Tree, expand, shown};
use super::{Case, Flaw};
use crate::lint::conformance::Checker;
use crate::model::{Format, Object, Places, Schema, Scope, Shape, Text};
use crate::source::Span;
use crate::syntax::list;

/// Compares a tree with the schema of a version. What cannot be told from the schemas is left to the examples.
pub(super) struct Fit<'f> {
    case: &'f Case<'f>,
    gaps: &'f BTreeSet<Span>,
    old: Scope<'f>,
    new: Scope<'f>,
    /// Schemas that are being compared: types may contain themselves.
    compared: BTreeSet<(Span, Span)>,
    /// Where a default stands for `null`.
    filled: Option<String>,
    found: Vec<Flaw>,
}

impl<'f> Fit<'f> {
    pub(super) fn new(case: &'f Case<'f>, gaps: &'f BTreeSet<Span>) -> Self {
        let [old, new] = [case.from, case.to].map(|version| Scope::version(case.catalog, version));
        Self { case, gaps, old, new, compared: BTreeSet::new(), filled: None, found: Vec::new() }
    }

    /// Everything in which it differs.
    pub(super) fn of(mut self, tree: &Tree<'f>) -> Vec<Flaw> {
        self.node(&tree.root, &self.case.to.payload, "");
        self.found
    }

    fn node(&mut self, node: &Node<'f>, written: &'f Schema, at: &str) {
        let schema = self.new.follow(written);
        if self.gaps.contains(&schema.span) {
            return;
        }
        let accepts_null = self.new.is_nullable(written);
        match &node.part {
            Part::Anything => {}
            Part::Literal(value) => self.literal(value, written, node.by, at),
            Part::Filled(there, value) => {
                self.literal(value, written, node.by, at);
                self.filled = Some(at.to_owned());
                self.node(there, written, at);
                self.filled = None;
            }
            Part::Translated(old, values) => {
                self.null(self.old.is_nullable(old), accepts_null, node, schema, at);
                let old = self.old.follow(old);
                let Some(all) = listed(&old.shape) else {
                    // Values that are not listed stay as they are.
                    for (_, new) in *values {
                        self.literal(new, written, node.by, at);
                    }
                    self.scalar(old, schema, node, at);
                    return;
                };
                for value in all {
                    let word = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let new = values.iter().find(|(old, _)| *old == word);
                    self.literal(new.map_or(&value, |(_, new)| new), written, node.by, at);
                }
            }
            Part::Written(old) => {
                if !self.compared.insert((old.span, written.span)) {
                    return;
                }
                let nullable = self.old.is_nullable(old);
                match expand(self.old, self.gaps, old) {
                    Part::Written(scalar) => {
                        self.null(nullable, accepts_null, node, schema, at);
                        self.scalar(scalar, schema, node, at);
                    }
                    part => self.node(&Node { part, by: node.by }, written, at),
                }
                self.compared.remove(&(old.span, written.span));
            }
            Part::Object { members, nullable, .. } => {
                self.null(*nullable, accepts_null, node, schema, at);
                match &schema.shape {
                    Shape::Object(object) => self.object(members, object, node, schema, at),
                    Shape::Map(map) => {
                        for (name, member) in members {
                            self.node(&member.node, &map.values, &Places::pointer(at, name));
                        }
                    }
                    Shape::Any | Shape::OneOf(_) => {}
                    _ => self.kind("a mapping", schema, node, at),
                }
            }
            Part::Each { item, map, nullable } => {
                self.null(*nullable, accepts_null, node, schema, at);
                let place = Places::pointer(at, "*");
                match (&schema.shape, map) {
                    (Shape::Array(array), false) => self.node(&item.node, &array.items, &place),
                    (Shape::Map(new), true) => self.node(&item.node, &new.values, &place),
                    (Shape::Any | Shape::OneOf(_), _)
                    | (Shape::Tuple(_), false)
                    | (Shape::Object(_), true) => {}
                    (_, true) => self.kind("a mapping", schema, node, at),
                    (_, false) => self.kind("a list", schema, node, at),
                }
            }
        }
    }

    fn object(
        &mut self,
        members: &BTreeMap<String, Member<'f>>,
        object: &'f Object,
        node: &Node<'f>,
        schema: &'f Schema,
        at: &str,
    ) {
        let [from, to] = [self.case.from, self.case.to].map(|version| version.id);
        for property in &object.properties {
            let place = Places::pointer(at, &property.name);
            let name = shown(&place);
            let Some(member) = members.get(&property.name) else {
                if property.required {
                    let message = format!("{} lacks `{name}`, which is required", self.case.what);
                    let help = format!("write `set: {{ {name}: … }}`{}", self.case.or_by_hand);
                    self.report(node.by, message, Some(property.span), Some(help));
                }
                continue;
            };
            if property.required && !member.required {
                let message = format!("`{name}` may be absent in {from}, and is required in {to}");
                let help = format!("write `default: {{ {name}: … }}`{}", self.case.or_by_hand);
                self.report(member.node.by.or(node.by), message, Some(property.span), Some(help));
            }
            self.node(&member.node, &property.schema, &place);
        }
        if object.extra.is_some() {
            return;
        }
        for (name, member) in members {
            if object.properties.iter().all(|property| property.name != *name) {
                let place = Places::pointer(at, name);
                let name = shown(&place);
                let message = format!("{to} has no property `{name}`, and it would be lost unsaid");
                let help = format!(
                    "write `drop: [{name}]`, or say under `rename` or `move` what it is now"
                );
                self.report(member.node.by, message, Some(schema.span), Some(help));
            }
        }
    }

    fn scalar(&mut self, old: &Schema, new: &Schema, node: &Node<'f>, at: &str) {
        match (&old.shape, &new.shape) {
            (_, Shape::Any | Shape::OneOf(_))
            | (Shape::Null, _)
            | (Shape::Boolean { .. }, Shape::Boolean { .. })
            | (Shape::Integer(_), Shape::Integer(_) | Shape::Number(_))
            | (Shape::Number(_), Shape::Number(_)) => {}
            (Shape::String(old), Shape::String(new)) if reads(new, old) => {}
            (Shape::Enum(_), Shape::String(text)) if typed(text).is_none() => {}
            (Shape::Enum(old), Shape::Enum(known)) => {
                let unknown: Vec<&String> = old.iter().filter(|one| !known.contains(one)).collect();
                if let Some(first) = unknown.first() {
                    let [from, to] = [self.case.from, self.case.to].map(|version| version.id);
                    let name = shown(at);
                    let message = format!(
                        "`{name}` may be {} in {from}, which {to} does not have",
                        list(&unknown)
                    );
                    let help = format!("write `map: {{ {name}: {{ {first}: … }} }}`");
                    self.report(node.by, message, Some(new.span), Some(help));
                }
            }
            (shape, _) => self.kind(kind(shape), new, node, at),
        }
    }

    fn literal(&mut self, value: &Value, schema: &Schema, by: Option<Span>, at: &str) {
        let checker = Checker::new(self.new, "the value", self.gaps);
        for mismatch in checker.check(value, schema) {
            let name = shown(at);
            let message = format!("`{value}` is no value of `{name}`: {}", mismatch.message);
            self.report(by, message, mismatch.schema, mismatch.help);
        }
    }

    fn null(
        &mut self,
        is_nullable: bool,
        accepts: bool,
        node: &Node<'f>,
        schema: &Schema,
        at: &str,
    ) {
        let is_filled = self.filled.as_deref() == Some(at);
        if is_nullable
            && !is_filled
            && !accepts
            && !matches!(schema.shape, Shape::Any | Shape::OneOf(_))
        {
            let (from, name) = (self.case.from.id, shown(at));
            let message = format!("`{name}` may be null in {from}, and must have a value");
            let help = format!("write `default: {{ {name}: … }}`{}", self.case.or_by_hand);
            self.report(node.by, message, Some(schema.span), Some(help));
        }
    }

    fn kind(&mut self, found: &str, schema: &Schema, node: &Node<'f>, at: &str) {
        let (to, name) = (self.case.to.id, shown(at));
        let message = format!("`{name}` is {found}, and {to} takes {}", kind(&schema.shape));
        let help = format!("`drop` the old and `set` the new{}", self.case.or_by_hand);
        self.report(node.by, message, Some(schema.span), Some(help));
    }

    fn report(
        &mut self,
        by: Option<Span>,
        message: String,
        schema: Option<Span>,
        help: Option<String>,
    ) {
        let other = schema.map(|span| (span, "the schema"));
        self.found.push(Flaw { span: by.unwrap_or(self.case.span), message, other, help });
    }
}

/// Every value that a shape takes, where these are few.
fn listed(shape: &Shape) -> Option<Vec<Value>> {
    match shape {
        Shape::Enum(words) => Some(words.iter().map(|word| word.as_str().into()).collect()),
        Shape::Boolean { only } => Some(match only {
            Some(only) => vec![Value::Bool(*only)],
            None => vec![Value::Bool(false), Value::Bool(true)],
        }),
        _ => None,
    }
}

/// What a shape takes, in words.
fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Any => "anything",
        Shape::Null => "`null`",
        Shape::Boolean { .. } => "`true` or `false`",
        Shape::Integer(_) => "a whole number",
        Shape::Number(_) => "a number",
        Shape::String(text) => typed(text).unwrap_or("a string"),
        Shape::Enum(_) => "one of a few words",
        Shape::Array(_) | Shape::Tuple(_) => "a list",
        Shape::Object(_) | Shape::Map(_) => "a mapping",
        Shape::OneOf(_) | Shape::Ref(_) => "another type",
    }
}

/// What a string's Rust type demands of it.
fn typed(text: &Text) -> Option<&'static str> {
    match text.format {
        Some(Format::Uuid) => Some("a UUID"),
        Some(Format::DateTime) => Some("a `date-time`"),
        Some(Format::Date) => Some("a `date`"),
        _ => None,
    }
}

/// Whether the Rust type of one string reads another.
fn reads(new: &Text, old: &Text) -> bool {
    typed(new).is_none() || typed(new) == typed(old)
}
