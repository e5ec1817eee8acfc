//! How large payloads travel, for readers that are not built from the catalog.

use std::fmt::Write as _;

use super::text::{Table, code, heading, link};
use crate::facts;
use crate::model::{Catalog, Stream, StreamLimits};

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
    buckets(out, catalog);
    if declared(catalog).any(|(stream, _)| stream.payloads.compress_above.is_some()) {
        let _ = write!(
            out,
            "A message with the header `Content-Encoding: zstd` has a compressed body: decompress it, and read the rest as \
             ever. Bound what you decompress.\n\n"
        );
    }
}

fn buckets(out: &mut String, catalog: &Catalog) {
    if catalog.payload_buckets().next().is_none() {
        return;
    }
    out.push_str(
        "An event without `data` has the CloudEvents attribute `dataref` instead, as in \
         `nats-object:<bucket>/<object>` with the object's name percent-encoded: its payload is that object of the \
         server's Object Store, as JSON, of `datasize` bytes and with the digest `datadigest`. Every NATS client reads it \
         (`nats object get <bucket> <object>`). Only the bucket of the event's own stream is meant:\n\n",
    );
    let mut table = Table::new(&["Bucket", "Of", "Environment", "Kept for", "Up to"]);
    for (stream, bucket) in catalog.payload_buckets() {
        let first = [code(&bucket.name), link("stream", &stream.name), String::new()];
        table.row(row(first, &bucket.limits));
        for (environment, changed) in &bucket.environments {
            table.row(row([String::new(), String::new(), code(environment)], changed));
        }
    }
    table.write(out);
}

fn row([bucket, stream, environment]: [String; 3], limits: &StreamLimits) -> [String; 5] {
    let age = limits.max_age.map_or_else(|| "ever".to_owned(), facts::duration);
    let size = limits.max_bytes.map_or_else(|| "any size".to_owned(), facts::size);
    [bucket, stream, environment, age, size]
}
