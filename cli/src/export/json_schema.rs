//! `export json-schema`: one self-contained schema for each version of each event.

use std::path::PathBuf;

use serde_json::Value;
use tidings_codegen::json_schema::payload;
use tidings_codegen::model::{Catalog, Event, Version};

use super::{File, json};
use crate::schema::draft::Draft;
use crate::schema::ordered;
use crate::yaml::{Mapping, Node};

/// One file for each version: `orders/orders.order.created-2.0.json`.
pub(crate) fn files(catalog: &Catalog, draft: Draft) -> Vec<File> {
    let file = |event: &Event, version: &Version| File {
        path: PathBuf::from(&event.domain).join(format!("{}-{}.json", event.id, version.id)),
        text: json(&schema(catalog, event, version, draft)),
    };
    let versions = |event| versions(event).map(move |version| file(event, version));
    catalog.events.values().flat_map(versions).collect()
}

/// All of them in one document, by `$id`.
pub(crate) fn bundle(catalog: &Catalog, draft: Draft) -> String {
    let schemas = catalog.events.values().flat_map(|event| {
        versions(event).map(move |version| {
            (id(catalog, event, version), schema(catalog, event, version, draft))
        })
    });
    let mut document = Mapping::default();
    document.insert("$schema", draft.dialect());
    document.insert("$id", format!("urn:{}", catalog.name));
    document.insert_some("title", catalog.title.as_deref());
    document.insert(draft.definitions(), schemas.collect::<Mapping>());
    json(&document.into())
}

/// The schema of one version, with its `$id`; what it refers to stands in it.
pub(crate) fn schema(catalog: &Catalog, event: &Event, version: &Version, draft: Draft) -> Node {
    let mut schema = draft.lowered(payload(catalog, version));
    if let Value::Object(entries) = &mut schema {
        entries.insert("$schema".to_owned(), draft.dialect().into());
        entries.insert("$id".to_owned(), id(catalog, event, version).into());
        entries.entry("title").or_insert_with(|| event.rust_name.clone().into());
        let summary = version.summary.as_ref().or(event.summary.as_ref());
        if let Some(summary) = summary {
            entries.entry("description").or_insert_with(|| summary.clone().into());
        }
        if version.deprecated.is_some() {
            entries.insert("deprecated".to_owned(), true.into());
        }
    }
    ordered(Node::from(schema))
}

/// A version's `$id`: what its events carry as `dataschema`.
pub(crate) fn id(catalog: &Catalog, event: &Event, version: &Version) -> String {
    format!("urn:{}:{}:{}", catalog.name, event.id, version.id)
}

fn versions(event: &Event) -> impl Iterator<Item = &Version> {
    event.versions.values()
}
