//! How large payloads travel, for readers that are not built from the catalog.

use std::fmt::Write as _;

use super::text::{Table, heading, link};
use crate::facts;
use crate::model::{Catalog, Stream};

/// Streams that do something with large payloads.
fn declared(catalog: &Catalog) -> impl Iterator<Item = (&Stream, String)> {
    let streams = catalog.streams.values();
    streams.filter_map(|stream| Some((stream, facts::payloads(stream.payloads)?)))
}

pub(super) fn has_any(catalog: &Catalog) -> bool {
    declared(catalog).next().is_some()
}

pub(super) fn section(out: &mut String, catalog: &Catalog) {
    if !has_any(catalog) {
        return;
    }
    heading(out, 2, "payloads", "Large payloads");
    let mut table = Table::new(&["Stream", "Payloads are"]);
    for (stream, words) in declared(catalog) {
        table.row([link("stream", &stream.name), words]);
    }
    table.write(out);
    if declared(catalog).any(|(stream, _)| stream.payloads.compress_above.is_some()) {
        let _ = write!(
            out,
            "A message with the header `Content-Encoding: zstd` has a compressed body: decompress it, and read the rest as \
             ever. Bound what you decompress.\n\n"
        );
    }
}
