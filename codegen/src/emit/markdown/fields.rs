//! A payload's fields, as a table.

use std::fmt::Write as _;

use super::super::reading::fields::{self, Described};
use super::text::{Table, code, paragraph};
use crate::model::{Catalog, Event, Schema, Version};

/// The fields of a version's payload, and those of its `$defs`.
pub(super) fn payload(out: &mut String, catalog: &Catalog, event: &Event, version: &Version) {
    table(out, &fields::payload(catalog, event, version));
    for local in fields::locals(catalog, event, version) {
        let name = code(&local.definition.rust_name);
        let _ = write!(out, "<a id=\"{}\"></a>\n\nFields of {name}:\n\n", local.anchor);
        described(out, &local.definition.schema, &local.described);
    }
}

/// A schema with a name of its own.
pub(super) fn definition(out: &mut String, catalog: &Catalog, schema: &Schema) {
    described(out, schema, &fields::shared(catalog, schema));
}

fn described(out: &mut String, schema: &Schema, fields: &Described) {
    paragraph(out, schema.title.as_deref());
    paragraph(out, schema.description.as_deref());
    table(out, fields);
}

fn table(out: &mut String, described: &Described) {
    let mut table =
        Table::new(&["Field", "Type", "Required", "Constraints", "Personal data", "Meaning"]);
    for field in &described.fields {
        let required = if field.is_required { "yes" } else { "" };
        table.row([
            code(&field.path),
            field.kind.clone(),
            required.to_owned(),
            field.constraints.clone(),
            field.personal.clone(),
            field.meaning.clone(),
        ]);
    }
    if table.is_empty() {
        let _ = write!(out, "{}\n\n", described.alone);
    }
    table.write(out);
}
