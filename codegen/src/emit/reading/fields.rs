//! A payload's fields, row by row.

use std::collections::BTreeSet;

use super::super::markdown::text::{anchor, code, link, list};
use crate::facts;
use crate::model::{
    Access, Catalog, Event, Format, OneOf, Pii, Property, Schema, Scope, Shape, SharedType,
    Tagging, TypeRef, Version,
};

/// A field, or what stands in a list, a map or an alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::emit) struct Field {
    /// The way to it: `lines[].sku`.
    pub(in crate::emit) path: String,
    pub(in crate::emit) kind: String,
    pub(in crate::emit) is_required: bool,
    pub(in crate::emit) constraints: String,
    /// What is personal of it.
    pub(in crate::emit) personal: String,
    pub(in crate::emit) meaning: String,
}

/// A schema, described.
pub(in crate::emit) struct Described {
    pub(in crate::emit) fields: Vec<Field>,
    /// What it is, in a sentence: for one without fields.
    pub(in crate::emit) alone: String,
}

/// A type of a payload's own `$defs`.
pub(in crate::emit) struct Local<'a> {
    pub(in crate::emit) definition: &'a SharedType,
    /// Where links to it lead.
    pub(in crate::emit) anchor: String,
    pub(in crate::emit) described: Described,
}

/// The fields of a version's payload.
pub(in crate::emit) fn payload(catalog: &Catalog, event: &Event, version: &Version) -> Described {
    Page::version(catalog, event, version).described(&version.payload)
}

/// The fields of its `$defs`.
pub(in crate::emit) fn locals<'a>(
    catalog: &'a Catalog,
    event: &'a Event,
    version: &'a Version,
) -> impl Iterator<Item = Local<'a>> {
    let page = Page::version(catalog, event, version);
    version.definitions.iter().map(move |definition| Local {
        definition,
        anchor: page.local_anchor(&definition.rust_name),
        described: page.described(&definition.schema),
    })
}

/// The fields of a type that several events share.
pub(in crate::emit) fn shared(catalog: &Catalog, schema: &Schema) -> Described {
    let page = Page { scope: Scope::shared(catalog), prefix: String::new(), encrypt: None };
    page.described(schema)
}

struct Page<'a> {
    scope: Scope<'a>,
    prefix: String,
    /// The kinds of personal data that are encrypted; unknown of types that several events share.
    encrypt: Option<&'a BTreeSet<Pii>>,
}

impl<'a> Page<'a> {
    fn version(catalog: &'a Catalog, event: &'a Event, version: &'a Version) -> Self {
        let scope = Scope::version(catalog, version);
        let prefix = format!("{}-{}", event.id, version.id);
        Self { scope, prefix, encrypt: Some(&event.encrypt) }
    }

    fn described(&self, schema: &Schema) -> Described {
        let mut fields = Vec::new();
        self.nested(&mut fields, "", schema);
        let facts = list(constraints(schema));
        let facts = if facts.is_empty() { facts } else { format!("; {facts}") };
        let alone = format!("{}{facts}.", capitalised(&self.type_of(schema)));
        Described { fields, alone }
    }

    /// Rows for what stands inside of a schema.
    fn nested(&self, rows: &mut Vec<Field>, path: &str, schema: &Schema) {
        match &schema.shape {
            Shape::Object(object) => {
                for property in &object.properties {
                    self.property(rows, path, property);
                }
                if let Some(extra) = &object.extra {
                    self.row(rows, &join(path, "*"), false, extra);
                }
            }
            Shape::Array(array) => self.nested(rows, &format!("{path}[]"), &array.items),
            Shape::Tuple(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.row(rows, &format!("{path}[{index}]"), true, item);
                }
            }
            Shape::Map(map) => self.nested(rows, &join(path, "*"), &map.values),
            Shape::OneOf(one_of) => self.alternatives(rows, path, one_of),
            _ => {}
        }
    }

    fn alternatives(&self, rows: &mut Vec<Field>, path: &str, one_of: &OneOf) {
        for variant in &one_of.variants {
            let (value, schema) = (variant.label(), &variant.schema);
            match &one_of.tagging {
                Tagging::Internal(property) => {
                    rows.push(Field {
                        path: join(path, property),
                        kind: code(&format!("\"{value}\"")),
                        is_required: true,
                        constraints: String::new(),
                        personal: String::new(),
                        meaning: schema.description.clone().unwrap_or_default(),
                    });
                    self.nested(rows, &format!("{path}({value})"), schema);
                }
                Tagging::External => self.row(rows, &join(path, value), false, schema),
                Tagging::Discriminated(_) | Tagging::Untagged => {
                    self.row(rows, &format!("{path}({value})"), false, schema);
                }
            }
        }
    }

    fn property(&self, rows: &mut Vec<Field>, path: &str, property: &Property) {
        self.row(rows, &join(path, &property.name), property.required, &property.schema);
    }

    fn row(&self, rows: &mut Vec<Field>, path: &str, required: bool, schema: &Schema) {
        let mut facts = constraints(schema);
        if let Some(default) = &schema.default {
            facts.push(format!("default {}", code(&default.to_string())));
        }
        rows.push(Field {
            path: path.to_owned(),
            kind: self.type_of(schema),
            is_required: required,
            constraints: list(facts),
            personal: self.personal(schema),
            meaning: meaning(schema),
        });
        self.nested(rows, path, schema);
    }

    /// What is personal of a value that has one row: it, or what is in it and has no rows of its own.
    fn personal(&self, schema: &Schema) -> String {
        let words = |kind: Pii| {
            let encrypted = self.encrypt.is_some_and(|kinds| kinds.contains(&kind));
            format!("{}{}", kind.as_str(), if encrypted { ", encrypted" } else { "" })
        };
        if let Some(kind) = self.scope.mark(schema) {
            return words(kind);
        }
        match &schema.shape {
            Shape::Array(array) => match self.personal(&array.items) {
                none if none.is_empty() => none,
                inner if matches!(array.items.shape, Shape::Array(_) | Shape::Map(_)) => inner,
                inner => format!("items: {inner}"),
            },
            Shape::Map(map) => {
                // Names cannot be encrypted, and are hidden with the whole map.
                let names = map.keys.as_ref().and_then(|keys| self.scope.mark(keys));
                let names = names.map(|kind| format!("names: {}", words(kind)));
                let values = Some(self.personal(&map.values)).filter(|inner| !inner.is_empty());
                let values = values.map(|inner| format!("values: {inner}"));
                names.into_iter().chain(values).collect::<Vec<_>>().join("; ")
            }
            _ => String::new(),
        }
    }

    fn type_of(&self, schema: &Schema) -> String {
        let name = match &schema.shape {
            Shape::Any => "any".to_owned(),
            Shape::Null => "null".to_owned(),
            Shape::Boolean { .. } => "boolean".to_owned(),
            Shape::Integer(_) => "integer".to_owned(),
            Shape::Number(_) => "number".to_owned(),
            Shape::String(text) => match text.format {
                Some(Format::Uuid) => "UUID".to_owned(),
                Some(Format::DateTime) => "date-time".to_owned(),
                Some(Format::Date) => "date".to_owned(),
                Some(Format::Other(_)) | None => "string".to_owned(),
            },
            Shape::Enum(values) => match values.as_slice() {
                [only] => code(&format!("\"{only}\"")),
                _ => format!("one of {}", list(values.iter().map(|value| code(value)))),
            },
            Shape::Array(array) => format!("list of {}", self.type_of(&array.items)),
            Shape::Tuple(items) => format!("list of {}", items.len()),
            Shape::Map(map) => format!("map to {}", self.type_of(&map.values)),
            Shape::Object(_) => "object".to_owned(),
            Shape::OneOf(one_of) => match &one_of.tagging {
                Tagging::Internal(tag) | Tagging::Discriminated(tag) => {
                    format!("object, one of several by {}", code(tag))
                }
                Tagging::External => "object with one of these properties".to_owned(),
                Tagging::Untagged => {
                    let types = one_of.variants.iter().map(|one| self.type_of(&one.schema));
                    types.collect::<Vec<_>>().join(" or ")
                }
            },
            Shape::Ref(TypeRef::Shared(name)) => link("type", name),
            Shape::Ref(TypeRef::Local(name)) => {
                format!("[{}](#{})", code(name), self.local_anchor(name))
            }
        };
        if self.scope.is_nullable(schema) { format!("{name} or null") } else { name }
    }

    fn local_anchor(&self, name: &str) -> String {
        anchor("type", &format!("{}-{name}", self.prefix))
    }
}

fn meaning(schema: &Schema) -> String {
    let words = [schema.title.as_deref(), schema.description.as_deref()];
    let mut words: Vec<&str> = words.into_iter().flatten().collect();
    match schema.access {
        Some(Access::ReadOnly) => words.insert(0, "Read-only."),
        Some(Access::WriteOnly) => words.insert(0, "Write-only."),
        None => {}
    }
    if schema.deprecated {
        words.insert(0, "**Deprecated.**");
    }
    words.join("\n\n")
}

fn constraints(schema: &Schema) -> Vec<String> {
    let own = facts::constraints(schema);
    let items = match &schema.shape {
        Shape::Array(array) => facts::constraints(&array.items),
        Shape::Map(map) => facts::constraints(&map.values),
        _ => Vec::new(),
    };
    let items = items.into_iter().map(|fact| format!("each {}", code(&fact)));
    own.iter().map(|fact| code(fact)).chain(items).collect()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
