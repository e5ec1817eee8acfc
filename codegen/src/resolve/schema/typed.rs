//! `type`.

use super::keywords::{Type, Use, supported, usage};
use super::reader::Reader;
use crate::codes;
use crate::model::Schema;
use crate::syntax::{closest, list};
use crate::yaml::{Key, Kind, Node};

/// What a `type` says.
pub(super) struct TypeWords {
    /// Without `null`; each once.
    pub(super) types: Vec<Type>,
    /// Whether `null` is among them.
    pub(super) nullable: bool,
}

impl Reader<'_, '_, '_> {
    /// Reads `type`.
    pub(super) fn parse_type(&mut self, node: &Node) -> Option<TypeWords> {
        let words = match &node.kind {
            Kind::Sequence(items) if items.is_empty() => {
                let known = Type::ALL.map(Type::name);
                self.cx.found.push(
                    codes::SCHEMA_TYPE
                        .at(node.span, "this list of types is empty")
                        .help(format!("the types are {}", list(&known))),
                );
                return None;
            }
            Kind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut read = TypeWords { types: Vec::new(), nullable: false };
        for word in words {
            let name = word.text().unwrap_or_default();
            if name == "null" {
                read.nullable = true;
                continue;
            }
            let Some(ty) = Type::named(name) else {
                self.unknown_type(name, word);
                return None;
            };
            if !read.types.contains(&ty) {
                read.types.push(ty);
            }
        }
        // Every whole number is a number.
        if read.types.contains(&Type::Number) {
            read.types.retain(|ty| *ty != Type::Integer);
        }
        Some(read)
    }

    fn unknown_type(&mut self, name: &str, word: &Node) {
        let known = Type::ALL.map(Type::name);
        let finding =
            codes::SCHEMA_TYPE.at(word.span, format!("there is no type {}", word.describe()));
        let format = match name {
            "datetime" | "timestamp" => Some("date-time"),
            _ => crate::format::known().find(|format| *format == name),
        };
        self.cx.found.push(match (format, closest(name, known.into_iter())) {
            (Some(format), _) => finding.help(format!("write `type: string, format: {format}`")),
            (None, Some(meant)) => finding.labelled(format!("did you mean `{meant}`?")),
            (None, None) => finding.help(format!("the types are {}", list(&known))),
        });
    }

    /// The type of a schema that does not say it; none for any value.
    pub(super) fn implied_type(&mut self, node: &Node) -> Option<Type> {
        if node.get("enum").is_some() || node.get("const").is_some() {
            return None;
        }
        let Kind::Mapping(entries) = &node.kind else { return None };
        let (key, ty) = entries.iter().find_map(|(key, _)| match usage(&key.text) {
            Some(Use::With(types)) => Some((key, *types.first()?)),
            _ => None,
        })?;
        // It is reported as no keyword, and as what it is meant to be.
        let is_misspelt = |key: &str| {
            usage(key).is_none() && closest(key, supported()).is_some_and(|meant| meant == "type")
        };
        if !entries.iter().any(|(key, _)| is_misspelt(&key.text)) {
            self.cx.found.push(
                codes::SCHEMA_TYPE
                    .at(key.span, format!("a schema with `{}` says its type", key.text))
                    .help(format!("write `type: {}` beside it", ty.name())),
            );
        }
        Some(ty)
    }

    /// Reads a value of several types: one alternative for each.
    pub(super) fn several_types(&mut self, node: &Node, types: &[Type], nullable: bool) -> Schema {
        let Kind::Mapping(entries) = &node.kind else { return self.gap(node) };
        for (key, _) in entries {
            let Some(Use::With(fitting)) = usage(&key.text) else { continue };
            if !fitting.iter().any(|ty| types.contains(ty)) {
                let names: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
                self.cx.found.push(
                    codes::SCHEMA_MISPLACED.at(
                        key.span,
                        format!("`{}` says nothing about {}", key.text, list(&names)),
                    ),
                );
            }
        }
        let alternatives: Vec<Node> =
            types.iter().filter_map(|ty| of_type(node, entries, *ty)).collect();
        self.one_of_several(node, &alternatives, nullable)
    }
}

/// What a schema says about values of one type; none where an enum leaves no value of it.
fn of_type(node: &Node, entries: &[(Key, Node)], ty: Type) -> Option<Node> {
    let mut kept = Vec::new();
    for (key, value) in entries {
        match (usage(&key.text), key.text.as_str()) {
            (_, "type") => {
                let kind = Kind::Scalar { text: ty.name().to_owned(), plain: true };
                kept.push((key.clone(), Node { span: value.span, kind }));
            }
            (_, "enum") => {
                let Kind::Sequence(values) = &value.kind else { return None };
                let values = values.iter().filter(|value| ty.has(&value.to_value()));
                let values: Vec<Node> = values.cloned().collect();
                if values.is_empty() {
                    return None;
                }
                let kind = Kind::Sequence(values);
                kept.push((key.clone(), Node { span: value.span, kind }));
            }
            (_, "const") if !ty.has(&value.to_value()) => return None,
            (_, "const") => kept.push((key.clone(), value.clone())),
            (Some(Use::With(types)), _) if types.contains(&ty) => {
                kept.push((key.clone(), value.clone()));
            }
            _ => {}
        }
    }
    Some(Node { span: node.span, kind: Kind::Mapping(kept) })
}
