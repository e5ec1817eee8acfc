//! What `tidings export asyncapi` wrote beside AsyncAPI's own words.

use tidings_codegen::yaml::Kind;

use crate::import::documents::At;
use crate::yaml::{Mapping, Node};

/// A value whose scalars are words of the catalog's language: durations, sizes, versions, names.
pub(super) fn words(at: &At) -> Node {
    let node = match &at.node.kind {
        Kind::Mapping(_) => {
            let entries = at.entries().into_iter().map(|(key, value)| (key, words(&value)));
            Node::from(entries.collect::<Mapping>())
        }
        Kind::Sequence(_) => Node::from(at.items().iter().map(words).collect::<Vec<_>>()),
        Kind::Scalar { text, plain: false } if text.contains(' ') => Node::from(text.as_str()),
        Kind::Scalar { text, .. } => Node::word(text),
    };
    node.placed(at.node.span)
}

/// `stream` of a domain's file.
pub(super) fn stream(own: &At, name: &str) -> Option<Node> {
    let stream = own.get("streams")?.get(name)?.without(&["environments"]);
    let mut written = Mapping::from_iter([("name", Node::word(name))]);
    for (key, value) in stream.entries() {
        written.insert(key, words(&value));
    }
    Some(written.into())
}

/// The settings of a subscription, without what follows from others.
pub(super) fn settings(subscription: &At) -> Vec<(String, Node)> {
    const SETTINGS: [&str; 10] = [
        "concurrency",
        "ordered_by_key",
        "ack_wait",
        "handler_timeout",
        "max_ack_pending",
        "start",
        "retry",
        "breaker",
        "idempotent",
        "alerts",
    ];
    let setting = |name: &&str| Some(((*name).to_owned(), words(&subscription.get(name)?)));
    SETTINGS.iter().filter_map(setting).collect()
}
