use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tidings_codegen::json_schema;
use tidings_codegen::model::{Catalog, Event, Version};

use super::envelope::{self, ENVELOPE};
use super::{ContentMode, message, reference};
use crate::schema::draft::draft7;
use crate::schema::{change, ordered};
use crate::yaml::{Mapping, Node};

/// The schemas under `components`: payloads, shared types, and what payloads define for themselves.
pub(super) struct Schemas<'c> {
    catalog: &'c Catalog,
    components: BTreeMap<String, Node>,
}

impl<'c> Schemas<'c> {
    pub(super) fn new(catalog: &'c Catalog) -> Self {
        Self { catalog, components: BTreeMap::new() }
    }

    /// Adds the payload of a version and returns a reference to it.
    pub(super) fn payload(&mut self, event: &Event, version: &Version) -> Node {
        let key = message::key(event, version.id);
        let mut schema = json_schema::payload(self.catalog, version);
        let mut definitions = Map::new();
        if let Value::Object(entries) = &mut schema {
            entries.remove("$schema");
            if let Some(Value::Object(taken)) = entries.remove("$defs") {
                definitions = taken;
            }
            if version.deprecated.is_some() {
                entries.insert("deprecated".to_owned(), json!(true));
            }
        }
        let own = |name: &str| version.definitions.iter().any(|one| one.rust_name == name);
        let component = |name: &str| match own(name) {
            true => format!("{key}.{name}"),
            false => name.to_owned(),
        };
        let target = |reference: &str| {
            let name = reference.strip_prefix("#/$defs/").unwrap_or(reference);
            format!("#/components/schemas/{}", component(name))
        };
        for (name, definition) in definitions {
            let lowered = named_discriminator(draft7(definition, &target));
            self.components.insert(component(&name), ordered(Node::from(lowered)));
        }
        let lowered = named_discriminator(draft7(schema, &target));
        self.components.insert(key.clone(), ordered(Node::from(lowered)));
        reference(&format!("#/components/schemas/{key}"))
    }

    /// All of them, by name.
    pub(super) fn into_components(mut self, mode: ContentMode) -> Mapping {
        if mode == ContentMode::Structured {
            self.components.insert(ENVELOPE.to_owned(), ordered(envelope::schema(self.catalog)));
        }
        self.components.into_iter().collect()
    }
}

/// A `discriminator` is the property's name in AsyncAPI, which has no `mapping`.
fn named_discriminator(mut schema: Value) -> Value {
    change(&mut schema, &|entries| {
        if let Some(discriminator) = entries.remove("discriminator") {
            entries.insert("discriminator".to_owned(), discriminator["propertyName"].clone());
            entries.insert("x-discriminator".to_owned(), discriminator);
        }
    });
    schema
}
