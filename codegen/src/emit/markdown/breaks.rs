//! Breaks of what was released that the catalog acknowledges.

use super::text::{Table, code, heading, link};
use crate::model::{Break, Catalog};

/// The section, where there is a break.
pub(super) fn section(out: &mut String, catalog: &Catalog) {
    if catalog.all_breaks().next().is_none() {
        return;
    }
    heading(out, 2, "breaks", "Acknowledged breaks");
    out.push_str("What was released is changed in a way that hurts somebody; until the day given, everybody follows.\n\n");
    let mut table = Table::new(&["Of", "What", "At", "Why", "Until"]);
    let mut rows = |of: &str, breaks: &[Break]| {
        for one in breaks {
            let at = one.at.as_deref().map(code).unwrap_or_default();
            let cells =
                [of.to_owned(), code(&one.rule), at, one.because.clone(), one.until.clone()];
            table.row(cells);
        }
    };
    rows("the catalog", &catalog.breaks);
    for domain in catalog.domains.values() {
        rows(&link("domain", &domain.name), &domain.breaks);
    }
    for event in catalog.events.values() {
        rows(&link("event", &event.id), &event.breaks);
        for version in event.versions.values() {
            rows(&format!("{} {}", link("event", &event.id), version.id), &version.breaks);
        }
    }
    for service in catalog.services.values() {
        rows(&link("service", &service.name), &service.breaks);
    }
    table.write(out);
}
