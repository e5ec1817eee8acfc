//! The page of a shared type.

use super::html::{escape, name};
use super::page::Site;
use super::{File, event, places};
use crate::emit::reading::fields::{self, Field};
use crate::model::{SharedType, Version};

pub(super) fn page(site: &Site<'_>, rust_name: &str, shared: &SharedType) -> File {
    let catalog = site.catalog;
    let mut page = site.page(places::shared_type(rust_name), rust_name);
    page.heading("Shared type", &name(rust_name), "");
    page.lead(shared.schema.title.as_deref());
    page.markdown(shared.schema.description.as_deref());
    page.section("fields", "Fields");
    event::described(&mut page, &fields::shared(catalog, &shared.schema), None);
    let link = format!("[`{rust_name}`](#type-{rust_name})");
    let uses = |version: &Version, id: &str| {
        let event = catalog.events.get(id)?;
        let paths = paths_of(&fields::payload(catalog, event, version).fields, &link);
        Some(paths).filter(|paths| !paths.is_empty())
    };
    let mut rows = Vec::new();
    for event in catalog.events.values() {
        for version in event.majors().values().rev() {
            if let Some(paths) = uses(version, &event.id) {
                rows.push(vec![
                    page.link("event", &event.id),
                    escape(&version.id.to_string()).into_owned(),
                    paths,
                ]);
            }
        }
    }
    for (name, other) in catalog.types.iter().filter(|(name, _)| *name != rust_name) {
        let found = fields::shared(catalog, &other.schema).fields;
        let paths = paths_of(&found, &link);
        if !paths.is_empty() {
            rows.push(vec![page.link("type", name), String::new(), paths]);
        }
    }
    if !rows.is_empty() {
        page.section("uses", "Used in");
        page.table("What uses it", &["Event or type", "Version", "Fields"], &rows);
    }
    page.finish()
}

/// The fields that are of the type to which a link leads.
fn paths_of(fields: &[Field], link: &str) -> String {
    let found = fields.iter().filter(|field| field.kind.contains(link));
    found.map(|field| name(&field.path)).collect::<Vec<_>>().join(", ")
}
