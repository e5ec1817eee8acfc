//! What is known about each setting of JetStream: what a server fills in, and how it may change.

use serde_json::{Value, json};

use super::words::Unit;

/// A setting of streams or consumers.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) default: Filled,
    pub(super) rule: Rule,
    pub(super) unit: Unit,
}

/// What a setting is where nobody has set it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Filled {
    /// Absent, or empty.
    Unset,
    No,
    Number(i64),
    Word(&'static str),
}

/// How a setting may differ from the catalog, and what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Whoever runs the server decides.
    Free,
    /// Where the catalog does not set it, whoever runs the server decides.
    FreeUnlessWanted,
    /// It is set as the catalog says, or to its default.
    Plain,
    /// A limit, of which none is 0 or -1: less of it takes a consent.
    Limit,
    /// A number: less of it takes a consent.
    Number,
    /// One at a time keeps an order: more than that takes a consent.
    Order,
    /// Where it is not as wanted, what does not fit any more is dropped instead of refused.
    Discard,
    /// To and from `workqueue` there is no way.
    Retention,
    /// The server changes it never.
    Fixed,
    /// At least so many, and never changed.
    FixedMinimum,
    /// Once it is on, it stays on.
    OneWay,
}

const fn setting(key: &'static str, default: Filled, rule: Rule, unit: Unit) -> Setting {
    Setting { key, default, rule, unit }
}

/// The settings of a stream, apart from its subjects.
pub(super) const STREAM: &[Setting] = {
    use Filled::{No, Number, Unset, Word};
    use Unit::{Bytes, None, Time};
    &[
        setting("storage", Word("file"), Rule::Fixed, None),
        setting("retention", Word("limits"), Rule::Retention, None),
        setting("mirror", Unset, Rule::Fixed, None),
        setting("persist_mode", Word("default"), Rule::Fixed, None),
        setting("allow_msg_counter", No, Rule::Fixed, None),
        setting("sealed", No, Rule::OneWay, None),
        setting("deny_delete", No, Rule::OneWay, None),
        setting("deny_purge", No, Rule::OneWay, None),
        setting("num_replicas", Number(1), Rule::Number, None),
        setting("max_age", Number(0), Rule::Limit, Time),
        setting("max_bytes", Number(-1), Rule::Limit, Bytes),
        setting("max_msgs", Number(-1), Rule::Limit, None),
        setting("max_msgs_per_subject", Number(-1), Rule::Limit, None),
        setting("max_msg_size", Number(-1), Rule::Limit, Bytes),
        setting("duplicate_window", Number(120_000_000_000), Rule::Number, Time),
        setting("discard", Word("old"), Rule::Discard, None),
        setting("discard_new_per_subject", No, Rule::Plain, None),
        setting("no_ack", No, Rule::Plain, None),
        setting("allow_direct", No, Rule::Plain, None),
        setting("subject_transform", Unset, Rule::Plain, None),
        setting("allow_atomic", No, Rule::FreeUnlessWanted, None),
        setting("allow_msg_schedules", No, Rule::FreeUnlessWanted, None),
        setting("allow_rollup_hdrs", No, Rule::FreeUnlessWanted, None),
        setting("allow_batched", No, Rule::FreeUnlessWanted, None),
        setting("allow_msg_ttl", No, Rule::Free, None),
        setting("subject_delete_marker_ttl", Number(0), Rule::Free, Time),
        setting("compression", Word("none"), Rule::FreeUnlessWanted, None),
        setting("placement", Unset, Rule::Free, None),
        setting("republish", Unset, Rule::Free, None),
        setting("sources", Unset, Rule::Free, None),
        setting("mirror_direct", No, Rule::Free, None),
        setting("first_seq", Number(0), Rule::Free, None),
        setting("max_consumers", Number(-1), Rule::Free, None),
        // What they do to consumers is found there; before 2.15 a server with consumers takes none back.
        setting("consumer_limits", Unset, Rule::Free, None),
        setting("description", Unset, Rule::Free, None),
    ]
};

/// The settings of a consumer, apart from its filters and where it began.
pub(super) const CONSUMER: &[Setting] = {
    use Filled::{No, Number, Unset, Word};
    use Unit::{Bytes, None, Time};
    &[
        setting("ack_policy", Word("explicit"), Rule::Fixed, None),
        setting("deliver_subject", Unset, Rule::Fixed, None),
        setting("replay_policy", Word("instant"), Rule::Fixed, None),
        setting("mem_storage", No, Rule::Fixed, None),
        setting("max_waiting", Number(512), Rule::FixedMinimum, None),
        setting("ack_wait", Number(30_000_000_000), Rule::Number, Time),
        setting("max_ack_pending", Number(1000), Rule::Order, None),
        setting("max_deliver", Number(-1), Rule::Plain, None),
        setting("backoff", Unset, Rule::Plain, Time),
        setting("inactive_threshold", Unset, Rule::Plain, Time),
        setting("headers_only", No, Rule::Plain, None),
        setting("max_batch", Unset, Rule::Plain, None),
        setting("max_bytes", Unset, Rule::Plain, Bytes),
        setting("max_expires", Unset, Rule::Plain, Time),
        setting("priority_groups", Unset, Rule::Plain, None),
        setting("priority_policy", Word("none"), Rule::Plain, None),
        setting("priority_timeout", Unset, Rule::Plain, Time),
        setting("pause_until", Unset, Rule::Free, None),
        setting("sample_freq", Unset, Rule::Free, None),
        setting("num_replicas", Number(0), Rule::Free, None),
        setting("description", Unset, Rule::Free, None),
    ]
};

/// What a stream or consumer has that is compared in a way of its own, or that is about nothing that could differ.
pub(super) const APART: &[&str] = &[
    "name",
    "durable_name",
    "subjects",
    "filter_subject",
    "filter_subjects",
    "metadata",
    "deliver_policy",
    "opt_start_seq",
    "opt_start_time",
    "deliver_group",
    "flow_control",
    "idle_heartbeat",
    "rate_limit_bps",
    "direct",
    "template_owner",
];

impl Setting {
    /// What the value says, with what the server would fill in.
    pub(super) fn normal(&self, value: Option<&Value>) -> Value {
        match value {
            Some(value) if !is_empty(value) => match self.rule {
                // None is 0 in one place and -1 in the other.
                Rule::Limit if value.as_i64().is_some_and(|limit| limit <= 0) => self.default(),
                _ => value.clone(),
            },
            _ => self.default(),
        }
    }

    fn default(&self) -> Value {
        match self.default {
            Filled::Unset => Value::Null,
            Filled::No => json!(false),
            Filled::Number(number) => json!(number),
            Filled::Word(word) => json!(word),
        }
    }

    /// Whether `wanted` is less than `actual`.
    pub(super) fn narrows(&self, actual: &Value, wanted: &Value) -> bool {
        let number = |value: &Value| match value.as_i64().unwrap_or(i64::MAX) {
            limit if self.rule == Rule::Limit && limit <= 0 => i64::MAX,
            number => number,
        };
        number(wanted) < number(actual)
    }
}

/// Whether a value says nothing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_fills_in_is_no_difference() {
        let of = |key| STREAM.iter().find(|setting| setting.key == key).expect("a known setting");
        for (key, one, other) in [
            ("max_bytes", None, Some(json!(-1))),
            ("max_bytes", Some(json!(0)), Some(json!(-1))),
            ("max_age", None, Some(json!(0))),
            ("duplicate_window", None, Some(json!(120_000_000_000_u64))),
            ("duplicate_window", Some(json!(0)), Some(json!(120_000_000_000_u64))),
            ("storage", None, Some(json!("file"))),
            ("sealed", None, Some(json!(false))),
            ("consumer_limits", None, Some(json!({}))),
            ("num_replicas", Some(json!(0)), Some(json!(1))),
        ] {
            let setting = of(key);
            assert_eq!(setting.normal(one.as_ref()), setting.normal(other.as_ref()), "{key}");
        }
    }

    #[test]
    fn nothing_is_listed_twice() {
        for table in [STREAM, CONSUMER] {
            let keys = table.iter().map(|setting| setting.key).chain(APART.iter().copied());
            let mut keys: Vec<&str> = keys.collect();
            keys.sort_unstable();
            let all = keys.len();
            keys.dedup();
            assert_eq!(keys.len(), all);
        }
    }
}
