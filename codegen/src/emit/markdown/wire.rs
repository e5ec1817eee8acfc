//! What an event is on the wire, for whoever reads or writes it without the SDK.

use super::text::{Table, code, heading};
use crate::model::Catalog;

pub(super) fn section(out: &mut String, catalog: &Catalog) {
    heading(out, 2, "wire", "On the wire");
    body(out, catalog);
}

/// The section without its heading.
pub(super) fn body(out: &mut String, catalog: &Catalog) {
    out.push_str(
        "An event is a message of NATS in its domain's stream. Its body is a [CloudEvent](https://cloudevents.io) 1.0 as JSON \
         (structured mode), its payload is `data`.\n\n",
    );
    let mut headers = Table::new(&["Header", "Says"]);
    for (name, says) in HEADERS {
        headers.row([code(name), (*says).to_owned()]);
    }
    headers.write(out);
    let mut attributes = Table::new(&["Attribute", "Says"]);
    for (name, says) in ATTRIBUTES {
        let organizations = catalog.tenancy.is_some();
        if *name != "organizationid" || organizations {
            attributes.row([code(name), (*says).to_owned()]);
        }
    }
    attributes.write(out);
    out.push_str(
        "A publisher may choose binary mode instead: the attributes are headers `ce-…`, and the body is the payload alone. \
         Who reads should take both. Publish to the stream and wait for its word: a message without that may be lost.\n\n",
    );
}

const HEADERS: &[(&str, &str)] = &[
    ("Content-Type", "`application/cloudevents+json`: the body is a whole CloudEvent"),
    (
        "Nats-Msg-Id",
        "the event's id; what comes again with it within the stream's window is not stored twice",
    ),
    ("Nats-Expected-Stream", "the stream that is meant; another one refuses the message"),
    ("Content-Encoding", "`zstd` where the body is compressed"),
];

const ATTRIBUTES: &[(&str, &str)] = &[
    ("id", "unique within `source`: a repeated one is the same event"),
    ("source", "who published it: `/<catalog>/<service>`"),
    ("type", "what happened"),
    ("time", "when it happened"),
    ("subject", "what it happened to: the event's key"),
    ("dataschema", "which schema the payload keeps: `urn:<catalog>:<event>:<version>`"),
    ("schemaversion", "the version of that schema"),
    ("organizationid", "the tenant whose event it is"),
    ("correlationid", "shared by all events that one first event led to"),
    ("causationid", "the id of the event that led to this one"),
    ("majors", "the major versions in which the fact is published, where these are several"),
    ("copyof", "the id of the event that this is a copy of, in another version"),
    ("encryptedfields", "the places of the payload that are encrypted"),
    ("partitionkey", "events with one key stay in order"),
    ("aggregateversion", "which event of its aggregate it is, counted from 1"),
    ("dataref", "where the payload lies, if not in the message"),
    ("traceparent", "W3C trace context: the span that published it"),
    ("tracestate", "what tracing systems add to it"),
];
