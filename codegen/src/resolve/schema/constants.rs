//! `enum` and `const`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::keywords::Type;
use super::reader::Reader;
use crate::codes;
use crate::model::{Schema, Shape, Text};
use crate::naming;
use crate::pattern;
use crate::source::Span;
use crate::yaml::{Kind, Node};

impl Reader<'_, '_, '_> {
    /// Reads an `enum`, or a `const`, which is an enum of one.
    pub(super) fn constants(
        &mut self,
        node: &Node,
        ty: Option<Type>,
        mut schema: Schema,
    ) -> Schema {
        let Some(listed) = self.listed(node) else { return self.gap(node) };
        let (nulls, values): (Vec<&Node>, Vec<&Node>) =
            listed.iter().partition(|value| value.to_value().is_null());
        // `null` in the list says no more than `"null"` in the type.
        schema.nullable |= !nulls.is_empty();
        let Some(first) = values.first() else {
            return Schema { nullable: false, shape: Shape::Null, ..schema };
        };
        let Some(ty) = ty.or_else(|| Type::ALL.into_iter().find(|ty| ty.has_all(&values))) else {
            self.mixed(first, &values);
            return self.gap(node);
        };
        if let Some(odd) = values.iter().find(|value| !ty.has(&value.to_value())) {
            self.odd_value(odd, ty);
            return self.gap(node);
        }
        self.check_placed(node, Some(ty), "an enum");
        self.check_different(&values);
        if ty == Type::String {
            self.check_words(node, &values);
        }
        match ty {
            Type::String => match self.words(&values) {
                Some(words) => schema.shape = Shape::Enum(words),
                None => return self.gap(node),
            },
            Type::Integer => {
                let mut integer = self.integer(node);
                let whole = |value: Value| {
                    value.as_i64().map(i128::from).or(value.as_u64().map(i128::from))
                };
                integer.values =
                    values.iter().filter_map(|value| whole(value.to_value())).collect();
                schema.shape = Shape::Integer(integer);
            }
            Type::Number => {
                let mut number = self.number_shape(node);
                number.values =
                    values.iter().filter_map(|value| value.to_value().as_f64()).collect();
                schema.shape = Shape::Number(number);
            }
            Type::Boolean => {
                let only = if values.len() == 1 { first.boolean() } else { None };
                schema.shape = Shape::Boolean { only };
            }
            Type::Object | Type::Array => {
                let finding = codes::SCHEMA_UNSUPPORTED
                    .at(first.span, format!("a constant {} has no Rust shape", ty.name()));
                self.cx
                    .found
                    .push(finding.help("write `const` or `enum` in the schemas of its parts"));
                return self.gap(node);
            }
        }
        schema
    }

    /// The values of `const`, or of `enum`.
    fn listed(&mut self, node: &Node) -> Option<Vec<Node>> {
        let listed = match node.get("enum").map(|written| (&written.kind, written)) {
            Some((Kind::Sequence(items), written)) => {
                if items.is_empty() {
                    self.cx
                        .found
                        .push(codes::ENUM_VALUES.at(written.span, "this enum has no values"));
                    return None;
                }
                Some(items)
            }
            Some((_, written)) => {
                let message = format!("`enum` takes a list of values, not {}", written.describe());
                self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
                return None;
            }
            None => None,
        };
        let Some(only) = node.get("const") else { return listed.cloned() };
        let value = only.to_value();
        if listed.is_some_and(|items| items.iter().all(|item| item.to_value() != value)) {
            let finding = codes::ENUM_VALUES.at(only.span, "the `enum` does not have this `const`");
            self.cx.found.push(finding);
            return None;
        }
        Some(vec![only.clone()])
    }

    fn mixed(&mut self, first: &Node, values: &[&Node]) {
        let ty = Type::ALL.into_iter().find(|ty| ty.has(&first.to_value()));
        let odd = values.iter().find(|value| ty.is_some_and(|ty| !ty.has(&value.to_value())));
        let odd = odd.copied().unwrap_or(first);
        let types = Type::ALL.into_iter().filter(|ty| {
            let is_whole = values.iter().any(|value| Type::Integer.has(&value.to_value()));
            values.iter().any(|value| ty.has(&value.to_value()))
                && !(*ty == Type::Number && is_whole)
        });
        let types: Vec<&str> = types.map(Type::name).collect();
        let message = format!("{} is of another type than {}", odd.describe(), first.describe());
        self.cx.found.push(codes::ENUM_VALUES.at(odd.span, message).help(format!(
            "quote it, if it is a word; or write `type: [{}]` beside the enum",
            types.join(", ")
        )));
    }

    fn odd_value(&mut self, odd: &Node, ty: Type) {
        let what = match ty {
            Type::Object => "an object",
            Type::Array => "a list",
            Type::String => "a string",
            Type::Integer => "a whole number",
            Type::Number => "a number",
            Type::Boolean => "`true` or `false`",
        };
        let finding = codes::ENUM_VALUES.at(odd.span, format!("{} is not {what}", odd.describe()));
        let fitting = Type::ALL.into_iter().find(|ty| ty.has(&odd.to_value()));
        self.cx.found.push(match (ty, fitting) {
            (Type::String, Some(fitting)) => finding
                .help(format!("quote it, if it is a word; or write `type: {}`", fitting.name())),
            (_, Some(fitting)) => finding.help(format!("write `type: {}`", fitting.name())),
            (_, None) => finding,
        });
    }

    /// Reports values that break what stands beside the enum. The others follow it, so it says no more than they do.
    fn check_words(&mut self, node: &Node, values: &[&Node]) {
        let text = self.string(node);
        for value in values {
            let word = value.text().unwrap_or_default();
            if let Some(broken) = broken(&text, word) {
                self.cx.found.push(
                    codes::ENUM_VALUES
                        .at(
                            value.span,
                            format!("`{word}` is in the enum, and breaks its `{broken}`"),
                        )
                        .help(format!("leave `{broken}` out: the enum says what the values are")),
                );
            }
        }
    }

    fn check_different(&mut self, values: &[&Node]) {
        for (at, value) in values.iter().enumerate() {
            let again = values[..at].iter().find(|first| first.to_value() == value.to_value());
            if let Some(first) = again {
                let text = value.text().unwrap_or_default();
                self.cx.found.push(
                    codes::ENUM_VALUES
                        .at(value.span, format!("`{text}` is listed twice"))
                        .and(first.span, "first listed here"),
                );
            }
        }
    }

    /// The values that have a name as a Rust variant.
    fn words(&mut self, values: &[&Node]) -> Option<Vec<String>> {
        let mut names: BTreeMap<String, (&str, Span)> = BTreeMap::new();
        let mut words = Vec::new();
        for value in values {
            let text = value.text().unwrap_or_default();
            let Some(variant) = naming::variant(text) else {
                self.cx.found.push(
                    codes::ENUM_VALUES
                        .at(value.span, format!("`{text}` gives no name for a Rust variant"))
                        .help("use ASCII letters and digits"),
                );
                continue;
            };
            match names.get(&variant) {
                Some((first, _)) if *first == text => {}
                Some((first, place)) => self.cx.found.push(
                    codes::ENUM_VALUES
                        .at(
                            value.span,
                            format!(
                                "`{text}` and `{first}` become the same Rust variant `{variant}`"
                            ),
                        )
                        .and(*place, "the other one"),
                ),
                None => {
                    names.insert(variant, (text, value.span));
                    words.push(text.to_owned());
                }
            }
        }
        (!words.is_empty()).then_some(words)
    }
}

/// The keyword that a word does not follow.
fn broken(text: &Text, word: &str) -> Option<&'static str> {
    let length = word.chars().count() as u64;
    let matches = |pattern: &String| pattern::matches(pattern, word) != Some(false);
    if text.format.as_ref().is_some_and(|format| !format.fits(word)) {
        Some("format")
    } else if text.encoding.is_some_and(|encoding| !encoding.fits(word)) {
        Some("contentEncoding")
    } else if !text.patterns.iter().all(matches) {
        Some("pattern")
    } else if text.min_length.is_some_and(|least| length < least) {
        Some("minLength")
    } else if text.max_length.is_some_and(|most| length > most) {
        Some("maxLength")
    } else {
        None
    }
}

impl Type {
    /// Whether a value is of this type.
    pub(super) fn has(self, value: &Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
        }
    }

    fn has_all(self, values: &[&Node]) -> bool {
        values.iter().all(|value| self.has(&value.to_value()))
    }
}
