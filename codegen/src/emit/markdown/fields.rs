//! A payload's fields, as a table.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::text::{Table, anchor, code, link, list, paragraph};
use crate::facts;
use crate::model::{
    Access, Catalog, Event, Format, OneOf, Pii, Property, Schema, Scope, Shape, Tagging, TypeRef,
    Version,
};

/// The fields of a version's payload, and those of its `$defs`.
pub(super) fn payload(out: &mut String, catalog: &Catalog, event: &Event, version: &Version) {
    let scope = Scope::version(catalog, version);
    let prefix = format!("{}-{}", event.id, version.id);
    let page = Page { scope, prefix, encrypt: Some(&event.encrypt) };
    page.schema(out, &version.payload);
    for local in &version.definitions {
        let anchor = page.local_anchor(&local.rust_name);
        let _ = write!(out, "<a id=\"{anchor}\"></a>\n\nFields of {}:\n\n", code(&local.rust_name));
        page.described(out, &local.schema);
    }
}

/// A schema with a name of its own.
pub(super) fn definition(out: &mut String, catalog: &Catalog, schema: &Schema) {
    let page = Page { scope: Scope::shared(catalog), prefix: String::new(), encrypt: None };
    page.described(out, schema);
}

struct Page<'a> {
    scope: Scope<'a>,
    prefix: String,
    /// The kinds of personal data that are encrypted; unknown of types that several events share.
    encrypt: Option<&'a BTreeSet<Pii>>,
}

impl Page<'_> {
    fn described(&self, out: &mut String, schema: &Schema) {
        paragraph(out, schema.title.as_deref());
        paragraph(out, schema.description.as_deref());
        self.schema(out, schema);
    }

    fn schema(&self, out: &mut String, schema: &Schema) {
        let mut table =
            Table::new(&["Field", "Type", "Required", "Constraints", "Personal data", "Meaning"]);
        self.nested(&mut table, "", schema);
        if table.is_empty() {
            let facts = list(constraints(schema));
            let facts = if facts.is_empty() { facts } else { format!("; {facts}") };
            let _ = write!(out, "{}{facts}.\n\n", capitalised(&self.type_of(schema)));
        } else {
            table.write(out);
        }
    }

    /// Rows for what stands inside of a schema.
    fn nested(&self, table: &mut Table, path: &str, schema: &Schema) {
        match &schema.shape {
            Shape::Object(object) => {
                for property in &object.properties {
                    self.property(table, path, property);
                }
                if let Some(extra) = &object.extra {
                    self.row(table, &join(path, "*"), false, extra);
                }
            }
            Shape::Array(array) => self.nested(table, &format!("{path}[]"), &array.items),
            Shape::Tuple(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.row(table, &format!("{path}[{index}]"), true, item);
                }
            }
            Shape::Map(map) => self.nested(table, &join(path, "*"), &map.values),
            Shape::OneOf(one_of) => self.alternatives(table, path, one_of),
            _ => {}
        }
    }

    fn alternatives(&self, table: &mut Table, path: &str, one_of: &OneOf) {
        for variant in &one_of.variants {
            let (value, schema) = (variant.label(), &variant.schema);
            match &one_of.tagging {
                Tagging::Internal(property) => {
                    table.row([
                        code(&join(path, property)),
                        code(&format!("\"{value}\"")),
                        "yes".to_owned(),
                        String::new(),
                        String::new(),
                        schema.description.clone().unwrap_or_default(),
                    ]);
                    self.nested(table, &format!("{path}({value})"), schema);
                }
                Tagging::External => self.row(table, &join(path, value), false, schema),
                Tagging::Discriminated(_) | Tagging::Untagged => {
                    self.row(table, &format!("{path}({value})"), false, schema);
                }
            }
        }
    }

    fn property(&self, table: &mut Table, path: &str, property: &Property) {
        self.row(table, &join(path, &property.name), property.required, &property.schema);
    }

    fn row(&self, table: &mut Table, path: &str, required: bool, schema: &Schema) {
        let mut facts = constraints(schema);
        if let Some(default) = &schema.default {
            facts.push(format!("default {}", code(&default.to_string())));
        }
        table.row([
            code(path),
            self.type_of(schema),
            if required { "yes" } else { "" }.to_owned(),
            list(facts),
            self.personal(schema),
            meaning(schema),
        ]);
        self.nested(table, path, schema);
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
