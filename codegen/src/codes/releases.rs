//! T9xx: what was released, and breaks of it that are acknowledged.

use super::{Code, Fixtures, Level};

pub(crate) const LOCK_BROKEN: &Code = &Code {
    id: "T901",
    name: "lock-broken",
    level: Level::Error,
    configurable: false,
    explanation: "`catalog.lock` holds what was released, as `tidings release` wrote it. It was edited, or a merge left marks in it. Take it as the last release wrote it, for example one side of the merge, and run `tidings release` again.",
    fixtures: Fixtures::Unknown,
};

pub(crate) const LOCK_NEWER: &Code = &Code {
    id: "T902",
    name: "lock-newer",
    level: Level::Error,
    configurable: false,
    explanation: "`catalog.lock` was written by a newer version of Tidings, in a format that this one does not know. Update the dependency `tidings-codegen`, or the `tidings` command.",
    fixtures: Fixtures::Unknown,
};

pub(crate) const BREAK_ACKNOWLEDGED: &Code = &Code {
    id: "T903",
    name: "break-acknowledged",
    level: Level::Warn,
    configurable: true,
    explanation: "The catalog breaks what was released, and says so under `breaks`, with a reason and a date. `tidings release` makes it what the next edit is judged by.",
    fixtures: Fixtures::Edits {
        released: RELEASED,
        failing: r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: object, properties: { note: { type: string } }, required: [note] }
    breaks: [{ rule: property-made-required, at: /properties/note, because: all services send it, until: 9999-12-31 }]
"#,
        passing: RELEASED,
    },
};

pub(crate) const BREAK_EXPIRED: &Code = &Code {
    id: "T904",
    name: "break-expired",
    level: Level::Error,
    configurable: true,
    explanation: "A break was acknowledged until a day that has passed. By then everybody whom it hurts was to have followed: if so, `tidings release` takes it over. `SOURCE_DATE_EPOCH` sets the day of a build.",
    fixtures: Fixtures::Edits {
        released: RELEASED,
        failing: r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: object, properties: { note: { type: string } }, required: [note] }
    breaks: [{ rule: property-made-required, because: all services send it, until: 2020-01-31 }]
"#,
        passing: RELEASED,
    },
};

pub(crate) const BREAK_STALE: &Code = &Code {
    id: "T905",
    name: "break-stale",
    level: Level::Warn,
    configurable: true,
    explanation: "An entry of `breaks` acknowledges what is not there: the break was released or undone, or its `at` names another place. It would hide the next break of the rule, so remove it.",
    fixtures: Fixtures::Edits {
        released: RELEASED,
        failing: r#"
# orders/created.yaml
event: orders.order.created
breaks: [{ rule: key-changed, because: nobody needs the order, until: 9999-12-31 }]
versions: { 1.0: { payload: { type: object, properties: { note: { type: string } } } } }
"#,
        passing: RELEASED,
    },
};

pub(crate) const UNKNOWN_BREAK: &Code = &Code {
    id: "T906",
    name: "unknown-break",
    level: Level::Error,
    configurable: false,
    explanation: "An entry of `breaks` names a compatibility rule, T6xx to T8xx, by its code or its name.",
    fixtures: Fixtures::Edits {
        released: RELEASED,
        failing: r#"
# orders/created.yaml
event: orders.order.created
breaks: [{ rule: key-change, because: nobody needs the order, until: 9999-12-31 }]
versions: { 1.0: { payload: { type: object, properties: { note: { type: string } } } } }
"#,
        passing: RELEASED,
    },
};

pub(crate) const MINOR_BREAKS: &Code = &Code {
    id: "T520",
    name: "minor-version-breaks",
    level: Level::Error,
    configurable: true,
    explanation: "Minor versions of one major version share a Rust type, and their readers do not know each other's. So a minor version only adds: it is judged by the one before it as an edit of that would be, released or not.",
    fixtures: Fixtures::Catalogs {
        failing: r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object, properties: { id: { type: string } } } }
  1.1: { payload: { type: object, properties: { id: { type: string } }, required: [id] } }
"#,
        passing: r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object, properties: { id: { type: string } } } }
  1.1: { payload: { type: object, properties: { id: { type: string }, note: { type: string } } } }
"#,
    },
};

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { note: { type: string } } } } }
"#;

/// All of them.
pub(super) const RELEASES: &[&Code] = &[
    MINOR_BREAKS,
    LOCK_BROKEN,
    LOCK_NEWER,
    BREAK_ACKNOWLEDGED,
    BREAK_EXPIRED,
    BREAK_STALE,
    UNKNOWN_BREAK,
];
