//! Streams, where no environment says otherwise and in each that does.

use super::text::{Table, anchor, code, heading, list};
use crate::facts;
use crate::model::{Catalog, Ownership, Storage, Stream, StreamLimits};

pub(super) fn section(out: &mut String, catalog: &Catalog) {
    if catalog.streams.is_empty() {
        return;
    }
    heading(out, 2, "streams", "Streams");
    out.push_str(
        "From nats-server 2.12 on, each stream takes one more subject, `_scheduled.<stream>.*`: there lie events that are to be \
         stored at a later time. No subscription reads it. Where environments share an account, each has a prefix that stands \
         before the names of streams, subjects and buckets on the server.\n\n",
    );
    let mut table = Table::new(&[
        "Stream",
        "Environment",
        "Subjects",
        "Partitions",
        "Storage",
        "Kept for",
        "Up to",
        "Replicas",
        "Duplicates found within",
    ]);
    for stream in catalog.streams.values() {
        let name = format!(
            "<a id=\"{}\"></a>{}{}{}",
            anchor("stream", &stream.name),
            code(&stream.name),
            whose(stream),
            if stream.bulk { " (takes bulk loads)" } else { "" }
        );
        let subjects = list(stream.subjects.iter().map(|subject| code(subject)));
        let partitions = stream.partitions.map_or_else(String::new, |count| count.to_string());
        table.row(row([name, String::new(), subjects, partitions], &stream.limits));
        for (environment, changed) in &stream.environments {
            let first = [String::new(), code(environment), String::new(), String::new()];
            table.row(row(first, changed));
        }
    }
    table.write(out);
}

/// Whose it is, where it is not the catalog's.
fn whose(stream: &Stream) -> &'static str {
    match stream.ownership {
        Ownership::Managed => "",
        Ownership::External => " (external)",
    }
}

/// A row: which stream it is about, and its limits.
fn row(first: [String; 4], own: &StreamLimits) -> impl Iterator<Item = String> {
    first.into_iter().chain(limits(own))
}

/// Where it is kept, how long, how much, in how many copies, and how long ids are remembered.
pub(in crate::emit) fn limits(limits: &StreamLimits) -> [String; 5] {
    [
        match limits.storage {
            Storage::File => "file",
            Storage::Memory => "memory",
        }
        .to_owned(),
        limits.max_age.map_or_else(|| "ever".to_owned(), facts::duration),
        limits.max_bytes.map_or_else(|| "any size".to_owned(), facts::size),
        limits.replicas.to_string(),
        facts::duration(limits.duplicate_window),
    ]
}
