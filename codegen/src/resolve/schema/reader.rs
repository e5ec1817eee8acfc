use super::super::Context;
use super::keywords::{Type, Use, supported, usage};
use super::types::{Missing, Named, Types};
use crate::codes;
use crate::model::{Array, Bound, Encoding, Format, Integer, Number, Object, Schema, Shape, Text};
use crate::source::Span;
use crate::syntax::{closest, list};
use crate::yaml::{Kind, Node};

/// Where a schema stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// It is the payload of an event.
    Payload,
    /// It is the whole of a file under `types`.
    File,
    /// It stands in another schema.
    Inner,
}

/// Reads schemas of one file.
pub(super) struct Reader<'r, 'c> {
    pub(super) types: &'r Types,
    /// What `#/…` leads to.
    pub(super) named: &'r Named,
    pub(super) cx: &'r mut Context<'c>,
}

impl Reader<'_, '_> {
    /// Reads the payload of an event: an object of its own.
    pub(super) fn payload(&mut self, node: &Node) -> Schema {
        let before = self.cx.found.len();
        let schema = self.root(node, Position::Payload);
        if matches!(schema.shape, Shape::Object(_)) && !schema.nullable {
            return schema;
        }
        if self.cx.found.len() == before {
            let place = ["type", "$ref", "oneOf", "enum"].iter().find_map(|key| node.get(key));
            self.cx.found.push(
                codes::PAYLOAD_NOT_OBJECT
                    .at(place.unwrap_or(node).span, "a payload is an object of its own")
                    .help("write `type: object`, and what it carries under `properties`"),
            );
        }
        let mut object = self.gap(node);
        object.shape = Shape::Object(Object::default());
        object
    }

    /// Reads a schema that may have `$defs`.
    pub(super) fn root(&mut self, node: &Node, position: Position) -> Schema {
        if let Some(definitions) = node.get("$defs")
            && !matches!(definitions.kind, Kind::Mapping(_))
        {
            self.cx.found.push(codes::SCHEMA_VALUE.at(
                definitions.span,
                format!("`$defs` takes a mapping of schemas, not {}", definitions.describe()),
            ));
        }
        self.schema(node, position)
    }

    /// Reads a schema.
    pub(super) fn read(&mut self, node: &Node) -> Schema {
        self.schema(node, Position::Inner)
    }

    fn schema(&mut self, node: &Node, position: Position) -> Schema {
        if node.to_value() == serde_json::Value::Bool(true) {
            return any(node);
        }
        if !matches!(node.kind, Kind::Mapping(_)) {
            self.cx.found.push(
                codes::SCHEMA_VALUE
                    .at(node.span, format!("a schema is a mapping, not {}", node.describe()))
                    .help("write `{ type: string }`; `{}` stands for any value"),
            );
            return self.gap(node);
        }
        self.check_keywords(node);
        if let Some((key, _)) = node.entry("$defs").filter(|_| position == Position::Inner) {
            self.cx.found.push(
                codes::SCHEMA_MISPLACED
                    .at(key.span, "`$defs` stands at the top of a payload or of a type's file")
                    .help("move it there"),
            );
        }
        let mut schema = self.shape(node, position);
        // The one alternative to `null` of a `oneOf` has its own already.
        schema.title = self.text(node, "title").or(schema.title);
        schema.description = self.text(node, "description").or(schema.description);
        schema.deprecated |= self.flag(node, "deprecated");
        schema.pii = self.pii(node).or(schema.pii);
        schema.default = self.default(node).or(schema.default);
        schema
    }

    /// Reports the keywords that are unknown or have no Rust shape.
    pub(super) fn check_keywords(&mut self, node: &Node) {
        let Kind::Mapping(entries) = &node.kind else { return };
        for (key, value) in entries {
            match usage(&key.text) {
                // One keyword of a group is enough to report.
                Some(Use::Unsupported(_))
                    if matches!(key.text.as_str(), "then" | "else") && node.get("if").is_some() => {
                }
                Some(Use::Unsupported(advice)) => {
                    self.cx.found.push(
                        codes::SCHEMA_UNSUPPORTED
                            .at(key.span, format!("`{}` has no Rust shape", key.text))
                            .help(advice),
                    );
                    self.cx.gaps.insert(node.span);
                }
                Some(_) => {}
                None => {
                    if self.unknown(&key.text, key.span, value) {
                        self.cx.gaps.insert(node.span);
                    }
                }
            }
        }
    }

    /// Reports a keyword that is not known, unless it is an extension; returns whether it did.
    fn unknown(&mut self, keyword: &str, span: Span, value: &Node) -> bool {
        if keyword.starts_with("x-") && closest(keyword, ["x-pii"].into_iter()).is_none() {
            // Extensions of others are theirs.
            return false;
        }
        let finding =
            codes::SCHEMA_KEYWORD.at(span, format!("JSON Schema has no keyword `{keyword}`"));
        let is_schema = matches!(&value.kind, Kind::Mapping(_));
        self.cx.found.push(match closest(keyword, supported()) {
            Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
            None if is_schema => {
                finding.help(format!("if `{keyword}` is a property, write it under `properties`"))
            }
            None => finding.help("the keywords are listed in docs/catalog.md, \"Payload schemas\""),
        });
        true
    }

    /// Reads what decides about the value's shape.
    fn shape(&mut self, node: &Node, position: Position) -> Schema {
        if node.get("$ref").is_some() {
            return self.reference(node);
        }
        if node.get("oneOf").is_some() {
            return self.one_of(node);
        }
        let (ty, nullable) = match node.get("type") {
            Some(written) => match self.parse_type(written) {
                Some(read) => read,
                None => return self.gap(node),
            },
            None => (self.implied_type(node), false),
        };
        let mut schema = any(node);
        schema.nullable = nullable;
        if let Some(values) = node.get("enum") {
            self.check_placed(node, ty, "an enum");
            return self.enumeration(node, values, ty, schema);
        }
        if let Some((key, value)) = node.entry("const") {
            self.cx.found.push(
                codes::SCHEMA_UNSUPPORTED
                    .at(key.span, "`const` only tells the objects of a `oneOf` apart")
                    .help(format!("write `enum: [{}]`", value.text().unwrap_or("value"))),
            );
            return self.gap(node);
        }
        let Some(ty) = ty else { return schema };
        self.check_placed(node, Some(ty), ty.name());
        schema.shape = match ty {
            Type::Boolean => Shape::Boolean { only: None },
            Type::Integer => {
                let (minimum, maximum) = (self.whole(node, "minimum"), self.whole(node, "maximum"));
                self.check_bounds(node, ("minimum", minimum), ("maximum", maximum));
                let [minimum, maximum] = [minimum, maximum].map(|bound| bound.map(i128::from));
                Shape::Integer(Integer { minimum, maximum, ..Integer::default() })
            }
            Type::Number => {
                let minimum = self.number(node, "minimum");
                let maximum = self.number(node, "maximum");
                self.check_bounds(node, ("minimum", minimum), ("maximum", maximum));
                let bound = |value| Bound { value, exclusive: false };
                let [minimum, maximum] = [minimum, maximum].map(|value| value.map(bound));
                Shape::Number(Number { minimum, maximum, ..Number::default() })
            }
            Type::String => self.string(node),
            Type::Array => self.array(node),
            Type::Object => self.object(node, position),
        };
        schema
    }

    fn string(&mut self, node: &Node) -> Shape {
        let (min_length, max_length) =
            (self.count(node, "minLength"), self.count(node, "maxLength"));
        self.check_bounds(node, ("minLength", min_length), ("maxLength", max_length));
        let format = node.get("format").and_then(|written| {
            let name = written.text().unwrap_or_default();
            let format = Format::named(name);
            if format.is_none() {
                let finding = codes::SCHEMA_VALUE
                    .at(written.span, format!("there is no format {}", written.describe()));
                let known: Vec<&str> = crate::format::known().collect();
                self.cx.found.push(match closest(name, known.iter().copied()) {
                    Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                    None => finding.help(format!("the formats are {}", list(&known))),
                });
            }
            format
        });
        let pattern = self.text(node, "pattern").filter(|pattern| {
            let broken = regress::Regex::with_flags(pattern, "u").err();
            if let (Some(error), Some(written)) = (&broken, node.get("pattern")) {
                self.cx.found.push(
                    codes::PATTERN_SYNTAX
                        .at(written.span, "`pattern` is not a regular expression")
                        .labelled(error.text.clone()),
                );
            }
            broken.is_none()
        });
        let patterns = pattern.into_iter().collect();
        let known = Encoding::ALL.map(Encoding::name);
        let expected = format!("one of {}", list(&known));
        let encoding = self.keyword(node, "contentEncoding", &expected, |written| {
            Encoding::ALL.into_iter().find(|one| Some(one.name()) == written.text())
        });
        Shape::String(Text { format, patterns, min_length, max_length, encoding })
    }

    fn array(&mut self, node: &Node) -> Shape {
        let (min_items, max_items) = (self.count(node, "minItems"), self.count(node, "maxItems"));
        self.check_bounds(node, ("minItems", min_items), ("maxItems", max_items));
        let items = match node.get("items") {
            Some(items) => self.read(items),
            None if node.get("prefixItems").is_some() => self.gap(node),
            None => {
                let place = node.get("type").unwrap_or(node).span;
                self.cx.found.push(
                    codes::MISSING_KEY
                        .at(place, "an array needs the keyword `items`")
                        .help("write `items: { type: string }`; `items: {}` stands for any values"),
                );
                self.gap(node)
            }
        };
        let unique = self.flag(node, "uniqueItems");
        Shape::Array(Array { items: Box::new(items), min_items, max_items, unique })
    }

    fn reference(&mut self, node: &Node) -> Schema {
        self.check_placed(node, None, "a `$ref`");
        if let Some((key, _)) = node.entry("type") {
            self.cx.found.push(
                codes::SCHEMA_MISPLACED
                    .at(key.span, "`type` says nothing beside `$ref`")
                    .help("leave it out: the schema that is referred to says its type"),
            );
        }
        let Some(written) = node.get("$ref") else { return self.gap(node) };
        let Some(text) = written.text().filter(|text| !text.is_empty()) else {
            let message = format!("`$ref` takes a text, not {}", written.describe());
            self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
            return self.gap(node);
        };
        let from = self.cx.sources.path(written.span).to_owned();
        match self.types.find(self.named, &from, text) {
            Ok(reference) => Schema { shape: Shape::Ref(reference), ..any(node) },
            Err(missing) => {
                self.missing(&missing, text, written, &from);
                self.gap(node)
            }
        }
    }

    fn missing(&mut self, missing: &Missing, text: &str, node: &Node, from: &std::path::Path) {
        let finding = codes::UNKNOWN_REFERENCE;
        let finding = match missing {
            Missing::File(path) if self.cx.unread.types.contains(path) => return,
            Missing::File(path) => {
                let known = self.types.references(from);
                let message = format!("there is no shared type in `{}`", path.display());
                let finding = finding.at(node.span, message);
                match closest(text, known.iter().map(String::as_str)) {
                    Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                    None => finding.help("shared schemas are files in a folder named `types`"),
                }
            }
            Missing::Definition { name, known } => {
                let finding = finding.at(node.span, format!("`$defs` has no `{name}`"));
                match closest(name, known.iter().map(String::as_str)) {
                    Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                    None => finding.help("a payload's `$defs` stand beside its `properties`"),
                }
            }
            Missing::Outside => finding
                .at(node.span, "this leads out of the catalog's folder")
                .help("move the schema into a folder `types` of the catalog"),
            Missing::Fragment if text.starts_with("#/definitions/") => finding
                .at(node.span, "a `$ref` leads to a file or to `#/$defs/…`")
                .help(format!("write `{}`", text.replacen("definitions", "$defs", 1))),
            Missing::Fragment => finding
                .at(node.span, "a `$ref` leads to a file or to `#/$defs/…`")
                .help("move the schema into `$defs`, or into a file in a folder `types`"),
            Missing::Itself => finding
                .at(node.span, "a payload cannot contain itself")
                .help("move what repeats into `$defs`"),
        };
        self.cx.found.push(finding);
    }

    /// Reports the keywords that say nothing about a value of this type.
    pub(super) fn check_placed(&mut self, node: &Node, ty: Option<Type>, what: &str) {
        let Kind::Mapping(entries) = &node.kind else { return };
        let is_enum = node.get("enum").is_some();
        for (key, value) in entries {
            let Some(Use::With(types)) = usage(&key.text) else { continue };
            if !is_enum && ty.is_some_and(|ty| types.contains(&ty)) {
                continue;
            }
            let names: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
            let help = if key.text == "required" && value.to_value().is_boolean() {
                "list the property in the `required` of the object around it".to_owned()
            } else {
                format!("it goes with `type: {}`", names.join("` or `type: "))
            };
            self.cx.found.push(
                codes::SCHEMA_MISPLACED
                    .at(key.span, format!("`{}` says nothing about {}", key.text, article(what)))
                    .help(help),
            );
        }
    }

    /// A schema in the place of one that could not be understood.
    pub(super) fn gap(&mut self, node: &Node) -> Schema {
        self.cx.gaps.insert(node.span);
        any(node)
    }
}

fn article(what: &str) -> String {
    match what.chars().next() {
        _ if what.starts_with("a ") || what.starts_with("an ") => what.to_owned(),
        Some('a' | 'i' | 'o') => format!("an {what}"),
        _ => format!("a {what}"),
    }
}

/// Any value.
pub(super) fn any(node: &Node) -> Schema {
    Schema::new(node.span, Shape::Any)
}
