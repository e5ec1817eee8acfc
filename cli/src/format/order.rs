//! The order in which the keys of a catalog's files are read best: what it is, who is behind it, how it works, and the
//! long parts last. Keys that are not listed come last, in the order in which they are written.

use tidings_codegen::yaml::{Kind, Node};

/// A mapping whose keys have an order.
#[derive(Debug)]
pub(super) struct Record {
    keys: &'static [(&'static str, Value)],
}

/// What a key holds, as far as there is an order in it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// Nothing that is put in order.
    Any,
    /// A record.
    One(&'static Record),
    /// Records by names, which stay in the order in which they are written.
    Each(&'static Record),
    /// A list of records.
    List(&'static Record),
    /// Lists of records by names, which stay in the order in which they are written.
    EachList(&'static Record),
}

use Value::{Any, Each, EachList, List, One};

impl Record {
    /// Where a key stands among the others.
    pub(super) fn position(&self, key: &str) -> usize {
        self.keys.iter().position(|(known, _)| *known == key).unwrap_or(self.keys.len())
    }

    /// What a key holds.
    pub(super) fn value(&self, key: &str) -> Value {
        self.keys.iter().find(|(known, _)| *known == key).map_or(Any, |(_, value)| *value)
    }
}

/// The record that a file holds; none for a JSON Schema, whose keywords have no order.
pub(super) fn of_file(root: &Node) -> Option<&'static Record> {
    let Kind::Mapping(entries) = &root.kind else { return None };
    let known =
        |word: &str| FILES.iter().find(|(kind, _)| *kind == word).map(|(_, record)| *record);
    entries.iter().find_map(|(key, _)| known(&key.text))
}

const FILES: [(&str, &Record); 5] = [
    ("catalog", &CATALOG),
    ("domain", &DOMAIN),
    ("event", &EVENT),
    ("service", &SERVICE),
    ("flow", &FLOW),
];

const CATALOG: Record = Record {
    keys: &[
        ("catalog", Any),
        ("title", Any),
        ("description", Any),
        ("tenancy", Any),
        ("personal_data", Any),
        ("defaults", One(&DEFAULTS)),
        ("environments", Each(&DEFAULTS)),
        ("dead_letters", Any),
        ("rules", Any),
        ("breaks", Any),
    ],
};

const DEFAULTS: Record = Record {
    keys: &[
        ("stream", One(&STREAM)),
        ("payloads", One(&PAYLOADS)),
        ("subscription", One(&SUBSCRIPTION)),
        ("retry", Any),
        ("validate", Any),
    ],
};

const STREAM: Record = Record {
    keys: &[
        ("name", Any),
        ("subjects", Any),
        ("partitions", Any),
        ("ownership", Any),
        ("bulk", Any),
        ("storage", Any),
        ("max_age", Any),
        ("max_bytes", Any),
        ("replicas", Any),
        ("duplicate_window", Any),
        ("payloads", One(&PAYLOADS)),
    ],
};

const PAYLOADS: Record =
    Record { keys: &[("compress_above", Any), ("claim_check_above", Any), ("max_bytes", Any)] };

const DOMAIN: Record = Record {
    keys: &[
        ("domain", Any),
        ("summary", Any),
        ("description", Any),
        ("owner", Any),
        ("breaks", Any),
        ("stream", One(&STREAM)),
        ("aggregates", Each(&AGGREGATE)),
    ],
};

const AGGREGATE: Record = Record { keys: &[("id", Any), ("summary", Any)] };

const EVENT: Record = Record {
    keys: &[
        ("event", Any),
        ("summary", Any),
        ("description", Any),
        ("name", Any),
        ("subject", Any),
        ("key", Any),
        ("personal_data", Any),
        ("breaks", Any),
        ("versions", Each(&VERSION)),
    ],
};

const VERSION: Record = Record {
    keys: &[
        ("summary", Any),
        ("deprecated", Any),
        ("breaks", Any),
        ("upcast", Any),
        ("also_publish", Any),
        ("payload", Any),
        ("examples", Any),
    ],
};

const SERVICE: Record = Record {
    keys: &[
        ("service", Any),
        ("summary", Any),
        ("description", Any),
        ("owner", Any),
        ("breaks", Any),
        ("validate", Any),
        ("publishes", Any),
        ("schedules", Any),
        ("replays", Any),
        ("buckets", Any),
        ("core", One(&CORE)),
        ("subscriptions", Each(&SUBSCRIPTION)),
    ],
};

const CORE: Record = Record { keys: &[("publish", Any), ("subscribe", Any), ("answer", Any)] };

const SUBSCRIPTION: Record = Record {
    keys: &[
        ("summary", Any),
        ("description", Any),
        ("events", Any),
        ("concurrency", Any),
        ("ordered_by_key", Any),
        ("ack_wait", Any),
        ("handler_timeout", Any),
        ("max_ack_pending", Any),
        ("validate", Any),
        ("start", Any),
        ("retry", Any),
        ("breaker", Any),
        ("idempotent", Any),
        ("alerts", One(&ALERTS)),
    ],
};

const ALERTS: Record = Record { keys: &[("lag", Any), ("handler_p95", Any)] };

const FLOW: Record = Record {
    keys: &[("flow", Any), ("summary", Any), ("description", Any), ("steps", List(&STEP))],
};

/// Static, because it holds itself.
static STEP: Record = Record {
    keys: &[
        ("event", Any),
        ("message", Any),
        ("request", Any),
        ("dead_letter", Any),
        ("alt", EachList(&STEP)),
        ("by", Any),
        ("in", Any),
        ("to", Any),
        ("when", Any),
        ("with", Any),
    ],
};
