//! Flows: what follows what, as a picture and line by line.

mod sequence;

use super::super::reading::flows;
use super::text::{Table, anchor, code, heading, paragraph};
use crate::model::Catalog;

pub(super) fn section(out: &mut String, catalog: &Catalog) {
    if catalog.flows.is_empty() {
        return;
    }
    heading(out, 2, "flows", "Flows");
    out.push_str(
        "What follows what. An arrow is an event, which a stream keeps until it is handled; a dashed one is a message without a \
         stream, and an arrow that is answered a question. A cross ends at the dead letters.\n\n",
    );
    for flow in catalog.flows.values() {
        heading(out, 3, &anchor("flow", &flow.name), &code(&flow.name));
        paragraph(out, flow.summary.as_deref());
        paragraph(out, flow.description.as_deref());
        sequence::diagram(out, catalog, flow);
        let mut table = Table::new(&["", "When", "What", "From", "To", "There", "When that fails"]);
        for line in flows::lines(catalog, flow) {
            let flows::Line { number, when, what, from, to, does, failing } = line;
            table.row([number, when, what, from, to, does, failing]);
        }
        table.write(out);
    }
}
