//! Structs and maps.

use super::reader::{Position, Reader, any};
use crate::codes;
use crate::model::{Map, Object, Property, Schema, Shape, Text};
use crate::syntax::closest;
use crate::yaml::{Key, Kind, Node};

impl Reader<'_, '_, '_> {
    /// Reads an object: a struct where it has `properties`, and otherwise a map.
    pub(super) fn object(&mut self, node: &Node, position: Position) -> Shape {
        let values = self.map_values(node);
        let is_map = values.is_some() || node.get("propertyNames").is_some();
        if is_map && node.get("properties").is_none() {
            return self.map(node, values);
        }
        if let Some((key, _)) = node.entry("propertyNames") {
            self.cx.found.push(
                codes::SCHEMA_UNSUPPORTED
                    .at(key.span, "`propertyNames` is for maps, and this has `properties`")
                    .help("give the map a property of its own"),
            );
        }
        let says_what = ["properties", "required", "additionalProperties", "patternProperties"];
        if position != Position::Payload && says_what.iter().all(|key| node.get(key).is_none()) {
            // A struct without fields would drop every value that is meant to be here.
            let place = node.get("type").unwrap_or(node).span;
            self.cx.found.push(
                codes::MISSING_KEY
                    .at(place, "an object needs the keyword `properties`")
                    .help("write `additionalProperties: true` for a map, or list its `properties`"),
            );
            self.cx.gaps.insert(node.span);
        }
        let properties = self.properties(node, None);
        Shape::Object(self.struct_of(node, properties))
    }

    /// Reads what holds of an object beside its properties.
    pub(super) fn struct_of(&mut self, node: &Node, properties: Vec<Property>) -> Object {
        let additional = node.get("additionalProperties");
        let closed = [additional, node.get("unevaluatedProperties")]
            .into_iter()
            .flatten()
            .any(|written| written.boolean() == Some(false));
        let extra = additional.filter(|written| written.boolean() != Some(false));
        let extra = extra.map(|written| Box::new(self.read(written)));
        let (min_properties, max_properties) = self.property_counts(node);
        let dependent_required = self.dependent_required(node);
        Object { properties, extra, closed, min_properties, max_properties, dependent_required }
    }

    fn property_counts(&mut self, node: &Node) -> (Option<u64>, Option<u64>) {
        let least = self.count(node, "minProperties");
        let most = self.count(node, "maxProperties");
        self.check_bounds(node, ("minProperties", least), ("maxProperties", most));
        (least, most)
    }

    /// The schema of a map's values, if the object says one: that of `additionalProperties` or of its only pattern.
    fn map_values<'s>(&mut self, node: &'s Node) -> Option<MapValues<'s>> {
        let additional =
            node.get("additionalProperties").filter(|value| value.boolean() != Some(false));
        let Some((key, written)) = node.entry("patternProperties") else {
            return additional.map(|values| MapValues { pattern: None, values });
        };
        let closed = node.get("additionalProperties").and_then(Node::boolean) == Some(false);
        match &written.kind {
            Kind::Mapping(entries) if closed && node.get("properties").is_none() => {
                if let [(pattern, values)] = entries.as_slice() {
                    return Some(MapValues { pattern: Some(pattern), values });
                }
            }
            _ => {}
        }
        self.cx.gaps.insert(node.span);
        self.cx.found.push(
            codes::SCHEMA_UNSUPPORTED
                .at(key.span, "these `patternProperties` have no Rust shape")
                .help("a map has one pattern, no `properties`, and `additionalProperties: false` beside it")
                .help("or write `additionalProperties: <schema>`, and the names under `propertyNames`"),
        );
        None
    }

    fn map(&mut self, node: &Node, values: Option<MapValues<'_>>) -> Shape {
        let is_empty =
            |list: &Node| matches!(&list.kind, Kind::Sequence(names) if names.is_empty());
        if let Some((key, _)) = node.entry("required").filter(|(_, list)| !is_empty(list)) {
            self.cx.found.push(
                codes::SCHEMA_MISPLACED
                    .at(key.span, "`required` says nothing about a map")
                    .help("list the properties under `properties`"),
            );
        }
        let pattern = values.as_ref().and_then(|values| values.pattern);
        let keys = match (node.get("propertyNames"), pattern) {
            (_, Some(pattern)) => Some(self.keys_like(node, pattern)),
            (Some(written), None) => self.keys(written),
            (None, None) => None,
        };
        let values = match values {
            Some(values) => self.read(values.values),
            None => any(node),
        };
        let (min_properties, max_properties) = self.property_counts(node);
        let (keys, values) = (keys.map(Box::new), Box::new(values));
        Shape::Map(Map { keys, values, min_properties, max_properties })
    }

    fn keys_like(&mut self, node: &Node, pattern: &Key) -> Schema {
        let written = Node {
            span: pattern.span,
            kind: Kind::Scalar { text: pattern.text.clone(), plain: false },
        };
        let patterns = self.pattern(&written).into_iter().collect();
        Schema { shape: Shape::String(Text { patterns, ..Text::default() }), ..any(node) }
    }

    /// Reads `propertyNames`: a string, which it need not say.
    fn keys(&mut self, written: &Node) -> Option<Schema> {
        let mut typed = written.clone();
        if let Kind::Mapping(entries) = &mut typed.kind
            && !entries
                .iter()
                .any(|(key, _)| matches!(key.text.as_str(), "type" | "$ref" | "allOf"))
        {
            let key = Key { span: written.span, text: "type".to_owned() };
            let kind = Kind::Scalar { text: "string".to_owned(), plain: true };
            entries.push((key, Node { span: written.span, kind }));
        }
        let joined = self.joined(&typed, true).ok().flatten().unwrap_or(typed);
        let schema = self.read(&joined);
        match &schema.shape {
            Shape::String(_) | Shape::Enum(_) => Some(schema),
            Shape::Any => None,
            _ => {
                let finding = codes::SCHEMA_VALUE.at(written.span, "names are always strings");
                self.cx.found.push(finding.help("write `pattern`, `enum` or `maxLength`"));
                None
            }
        }
    }

    fn dependent_required(&mut self, node: &Node) -> Vec<(String, Vec<String>)> {
        let Some(written) = node.get("dependentRequired") else { return Vec::new() };
        let Kind::Mapping(entries) = &written.kind else {
            let message =
                format!("`dependentRequired` takes a mapping of lists, not {}", written.describe());
            self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
            return Vec::new();
        };
        let known: Vec<&str> = match node.get("properties").map(|properties| &properties.kind) {
            Some(Kind::Mapping(properties)) => {
                properties.iter().map(|(key, _)| key.text.as_str()).collect()
            }
            _ => Vec::new(),
        };
        let mut dependent = Vec::new();
        for (key, others) in entries {
            let others: &[Node] = match &others.kind {
                Kind::Sequence(others) => others,
                _ => {
                    let message =
                        format!("expected a list of property names, found {}", others.describe());
                    self.cx.found.push(codes::SCHEMA_VALUE.at(others.span, message));
                    continue;
                }
            };
            let names: Vec<(&str, _)> =
                others.iter().filter_map(|other| Some((other.text()?, other.span))).collect();
            for (name, span) in names.iter().copied().chain([(key.text.as_str(), key.span)]) {
                if !known.contains(&name) {
                    let finding =
                        codes::REQUIRED_UNKNOWN.at(span, format!("`properties` has no `{name}`"));
                    self.cx.found.push(match closest(name, known.iter().copied()) {
                        Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                        None => finding.help(format!("describe `{name}` under `properties`")),
                    });
                }
            }
            let names = names.into_iter().map(|(name, _)| name.to_owned()).collect();
            dependent.push((key.text.clone(), names));
        }
        dependent
    }
}

/// What a map holds.
struct MapValues<'n> {
    /// The only key of `patternProperties`.
    pattern: Option<&'n Key>,
    values: &'n Node,
}
