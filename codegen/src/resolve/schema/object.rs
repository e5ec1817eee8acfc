use std::collections::BTreeMap;

use super::keywords::{Type, Use, usage};
use super::reader::{Position, Reader};
use crate::codes;
use crate::model::{Map, Object, Property, Schema, Shape};
use crate::naming;
use crate::source::Span;
use crate::syntax::{closest, list};
use crate::yaml::{Kind, Node};

impl Reader<'_, '_> {
    /// Reads `type`: the type, and whether it may be `null`.
    pub(super) fn parse_type(&mut self, node: &Node) -> Option<(Option<Type>, bool)> {
        let words = match &node.kind {
            Kind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let null = |word: &&Node| word.text() == Some("null");
        let types: Vec<&Node> = words.iter().filter(|word| !null(word)).collect();
        let nullable = types.len() < words.len();
        if let [one] = types.as_slice() {
            let name = one.text().unwrap_or_default();
            if let Some(ty) = Type::named(name) {
                return Some((Some(ty), nullable));
            }
            let known = Type::ALL.map(Type::name);
            let finding =
                codes::SCHEMA_TYPE.at(one.span, format!("there is no type {}", one.describe()));
            let format = match name {
                "datetime" | "timestamp" => Some("date-time"),
                _ => crate::format::known().find(|format| *format == name),
            };
            self.cx.found.push(match (format, closest(name, known.into_iter())) {
                (Some(format), _) => {
                    finding.help(format!("write `type: string, format: {format}`"))
                }
                (None, Some(meant)) => finding.labelled(format!("did you mean `{meant}`?")),
                (None, None) => finding.help(format!("the types are {}", list(&known))),
            });
            return None;
        }
        let finding =
            codes::SCHEMA_TYPE.at(node.span, "a value has one type, and may be null beside");
        self.cx.found.push(if types.is_empty() {
            finding.help("write the type that it has otherwise: `type: [string, \"null\"]`")
        } else {
            finding.help("for several kinds of objects use `oneOf` with a `const` property")
        });
        None
    }

    /// The type of a schema that does not say it; none for any value.
    pub(super) fn implied_type(&mut self, node: &Node) -> Option<Type> {
        if node.get("enum").is_some() || node.get("const").is_some() {
            return Some(Type::String);
        }
        let Kind::Mapping(entries) = &node.kind else { return None };
        let (key, ty) = entries.iter().find_map(|(key, _)| match usage(&key.text) {
            Some(Use::With(types)) => Some((key, *types.first()?)),
            _ => None,
        })?;
        self.cx.found.push(
            codes::SCHEMA_TYPE
                .at(key.span, format!("a schema with `{}` says its type", key.text))
                .help(format!("write `type: {}` beside it", ty.name())),
        );
        Some(ty)
    }

    pub(super) fn object(&mut self, node: &Node, position: Position) -> Shape {
        let additional = node.entry("additionalProperties");
        if node.get("properties").is_none()
            && let Some((_, values)) = additional.filter(|(_, value)| is_schema(value))
        {
            if let Some((key, _)) = node.entry("required") {
                self.cx.found.push(
                    codes::SCHEMA_MISPLACED
                        .at(key.span, "`required` says nothing about a map")
                        .help("list the properties under `properties`"),
                );
            }
            let values = Box::new(self.read(values));
            return Shape::Map(Map {
                keys: None,
                values,
                min_properties: None,
                max_properties: None,
            });
        }
        if let Some((key, value)) = additional {
            self.additional(key.span, value);
        } else if position != Position::Payload
            && node.get("properties").is_none()
            && node.get("required").is_none()
        {
            // A struct without fields would drop every value that is meant to be here.
            let place = node.get("type").unwrap_or(node).span;
            self.cx.found.push(
                codes::MISSING_KEY
                    .at(place, "an object needs the keyword `properties`")
                    .help("write `additionalProperties: true` for a map, or list its `properties`"),
            );
            self.cx.gaps.insert(node.span);
        }
        Shape::Object(Object { properties: self.properties(node, None), ..Object::default() })
    }

    /// Reports an `additionalProperties` beside `properties` that has no Rust shape.
    fn additional(&mut self, span: Span, value: &Node) {
        let finding = match value.to_value() {
            serde_json::Value::Bool(true) => return,
            serde_json::Value::Bool(false) => codes::SCHEMA_UNSUPPORTED
                .at(span, "a payload cannot be closed to other properties")
                .help("leave it out: readers skip properties that they do not know"),
            _ => codes::SCHEMA_UNSUPPORTED
                .at(span, "a struct is no map: it has `properties` already")
                .help("give the map a property of its own"),
        };
        self.cx.found.push(finding);
    }

    /// Reads `properties` and `required`, without the property `tag`.
    pub(super) fn properties(&mut self, node: &Node, tag: Option<&str>) -> Vec<Property> {
        let required = self.required(node);
        let entries = match node.get("properties").map(|written| (&written.kind, written)) {
            Some((Kind::Mapping(entries), _)) => entries.as_slice(),
            Some((_, written)) => {
                let message =
                    format!("`properties` takes a mapping of schemas, not {}", written.describe());
                self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
                self.cx.gaps.insert(node.span);
                return Vec::new();
            }
            None => &[],
        };
        let known: Vec<&str> = entries.iter().map(|(key, _)| key.text.as_str()).collect();
        for (name, span) in &required {
            if known.contains(&name.as_str()) {
                continue;
            }
            self.cx.gaps.insert(node.span);
            let finding = codes::REQUIRED_UNKNOWN
                .at(*span, format!("`properties` has no `{name}`, which is required"));
            self.cx.found.push(match closest(name, known.iter().copied()) {
                Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                None => finding.help(format!("describe `{name}` under `properties`")),
            });
        }
        let mut fields: BTreeMap<String, Span> = BTreeMap::new();
        let mut properties = Vec::new();
        for (key, value) in entries {
            if tag == Some(key.text.as_str()) {
                continue;
            }
            self.check_field(&key.text, key.span, &mut fields);
            properties.push(Property {
                span: key.span,
                name: key.text.clone(),
                required: required.contains_key(&key.text),
                schema: self.read(value),
            });
        }
        properties
    }

    /// The names in `required`, each with its place.
    pub(super) fn required(&mut self, node: &Node) -> BTreeMap<String, Span> {
        let mut required = BTreeMap::new();
        let Some(written) = node.get("required") else { return required };
        let Kind::Sequence(items) = &written.kind else {
            let finding = codes::SCHEMA_VALUE.at(
                written.span,
                format!("`required` takes a list of property names, not {}", written.describe()),
            );
            self.cx.found.push(match written.text() {
                Some("true" | "false") => {
                    finding.help("list the property in the `required` of the object around it")
                }
                _ => finding,
            });
            return required;
        };
        for item in items {
            let Some(name) = item.text() else {
                let message = format!("expected a property's name, found {}", item.describe());
                self.cx.found.push(codes::SCHEMA_VALUE.at(item.span, message));
                continue;
            };
            match required.get(name) {
                Some(first) => self.cx.found.push(
                    codes::REQUIRED_UNKNOWN
                        .at(item.span, format!("`{name}` is required twice"))
                        .and(*first, "first named here"),
                ),
                None => {
                    required.insert(name.to_owned(), item.span);
                }
            }
        }
        required
    }

    /// Reports a property that cannot be a field, or not beside the others.
    fn check_field(&mut self, name: &str, span: Span, fields: &mut BTreeMap<String, Span>) {
        let field = naming::snake(name);
        if !name.is_ascii() || !field.contains(|c: char| c.is_ascii_lowercase()) {
            self.cx.found.push(
                codes::TYPE_NAME
                    .at(span, format!("`{name}` gives no name for a Rust field"))
                    .help("use ASCII letters and digits, with `_` between words"),
            );
            return;
        }
        match fields.get(&field) {
            Some(first) => self.cx.found.push(
                codes::DUPLICATE_NAME
                    .at(span, format!("two properties become the Rust field `{field}`"))
                    .and(*first, "the other one")
                    .help("rename one of the two"),
            ),
            None => {
                fields.insert(field, span);
            }
        }
    }

    /// Reads an enum.
    pub(super) fn enumeration(
        &mut self,
        node: &Node,
        values: &Node,
        ty: Option<Type>,
        mut schema: Schema,
    ) -> Schema {
        let Kind::Sequence(items) = &values.kind else {
            let message = format!("`enum` takes a list of strings, not {}", values.describe());
            self.cx.found.push(codes::SCHEMA_VALUE.at(values.span, message));
            return self.gap(node);
        };
        if let Some(other) = ty.filter(|ty| *ty != Type::String) {
            self.cx.found.push(
                codes::SCHEMA_UNSUPPORTED
                    .at(values.span, format!("an enum of type `{}` has no Rust shape", other.name()))
                    .help("write `type: string` and name the values, or bound a number with `minimum` and `maximum`"),
            );
            return self.gap(node);
        }
        let mut names: BTreeMap<String, (String, Span)> = BTreeMap::new();
        let mut texts = Vec::new();
        for item in items {
            let value = item.to_value();
            if value.is_null() {
                // `null` in the list says no more than `"null"` in the type.
                schema.nullable = true;
                continue;
            }
            let Some(text) = value.as_str() else {
                self.cx.found.push(
                    codes::ENUM_VALUES
                        .at(item.span, format!("{} is not a string", item.describe()))
                        .help(
                            "quote it, if it is a word; bound numbers with `minimum` and `maximum`",
                        ),
                );
                return self.gap(node);
            };
            let variant = naming::pascal(text);
            let finding = match names.get(&variant) {
                Some((first, place)) if first == text => codes::ENUM_VALUES
                    .at(item.span, format!("`{text}` is listed twice"))
                    .and(*place, "first listed here"),
                Some((first, place)) => codes::ENUM_VALUES
                    .at(
                        item.span,
                        format!("`{text}` and `{first}` become the same Rust variant `{variant}`"),
                    )
                    .and(*place, "the other one"),
                None if !text.is_ascii() || variant.is_empty() => codes::ENUM_VALUES
                    .at(item.span, format!("`{text}` gives no name for a Rust variant"))
                    .help("use ASCII letters and digits"),
                None => {
                    names.insert(variant, (text.to_owned(), item.span));
                    texts.push(text.to_owned());
                    continue;
                }
            };
            self.cx.found.push(finding);
        }
        if texts.is_empty() {
            if items.is_empty() {
                self.cx.found.push(codes::ENUM_VALUES.at(values.span, "this enum has no values"));
            }
            return self.gap(node);
        }
        schema.shape = Shape::Enum(texts);
        schema
    }
}

fn is_schema(node: &Node) -> bool {
    matches!(node.kind, Kind::Mapping(_)) || node.to_value() == serde_json::Value::Bool(true)
}
