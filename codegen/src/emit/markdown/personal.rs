//! Which fields are personal data, in one table.

use super::super::reading::{people, personal};
use super::text::{Table, heading, link, list};
use crate::model::Catalog;

pub(super) fn has_any(catalog: &Catalog) -> bool {
    catalog.events.values().any(|event| !personal::places(catalog, event).is_empty())
}

pub(super) fn section(out: &mut String, catalog: &Catalog) {
    if !has_any(catalog) {
        return;
    }
    heading(out, 2, "personal", "Personal data");
    out.push_str(
        "*Direct* names the person, *indirect* leads to the person together with other data, *sensitive* is of a kind \
         that the law protects more. Places are JSON pointers into the newest version's payload; `*` is each item.\n\n",
    );
    let mut table = Table::new(&["Event", "Field", "Kind", "Encrypted", "Received by"]);
    for event in catalog.events.values() {
        let receivers = list(people::consumers(catalog, event).map(|name| link("service", name)));
        for (number, one) in personal::places(catalog, event).into_iter().enumerate() {
            let first = number == 0;
            table.row([
                if first { link("event", &event.id) } else { String::new() },
                one.place,
                one.kind.to_owned(),
                if one.is_encrypted { "yes" } else { "" }.to_owned(),
                if first { receivers.clone() } else { String::new() },
            ]);
        }
    }
    table.write(out);
}
