//! T0xx: files, and what is written in them.

super::codes! { FILES;
    UNREADABLE = "T001" "unreadable-file":
        "The file could not be read: it is missing, not permitted, not UTF-8, not text, or larger than 1 MiB.";
    failing "
# orders/created.yaml
event: orders.order.created\0
";
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
"#;

    YAML_SYNTAX = "T002" "yaml-syntax":
        "The file is not valid YAML. Nothing else is said about it until it is.";
    failing r#"
# orders/created.yaml
event: orders.order.created
summary: "An order was accepted.
versions:
  1.0: { payload: { type: object } }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
summary: "An order was accepted."
versions:
  1.0: { payload: { type: object } }
"#;

    EMPTY_FILE = "T003" "empty-file":
        "A file without content describes nothing. Begin it with `event:`, `domain:`, `service:`, `flow:` or `catalog:`, or remove it.";
    failing r#"
# orders/created.yaml
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
"#;

    SEVERAL_DOCUMENTS = "T004" "several-documents":
        "A file describes one thing, in one YAML document.";
    failing r#"
# orders/domain.yaml
domain: orders
---
domain: sales
"#;
    passing r#"
# orders/domain.yaml
domain: orders
# sales/domain.yaml
domain: sales
"#;

    DUPLICATE_KEY = "T005" "duplicate-key":
        "A mapping has each of its keys once. YAML readers disagree about which of two would count.";
    failing r#"
# orders/domain.yaml
domain: orders
owner: team-orders
owner: team-sales
"#;
    passing r#"
# orders/domain.yaml
domain: orders
owner: team-sales
"#;

    KEY_NOT_TEXT = "T006" "key-not-text":
        "Keys are words. A list or a mapping as a key is mostly a `{…}` or `[…]` that wants quotes.";
    failing r#"
# orders/domain.yaml
domain: orders
[owner, team]: orders
"#;
    passing r#"
# orders/domain.yaml
domain: orders
owner: team-orders
"#;

    MERGE_KEY = "T007" "merge-key":
        "`<<` was taken out of YAML with version 1.2. Anchors and aliases of whole values work.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: &first { payload: { type: object } }
  2.0:
    <<: *first
    payload: { type: object }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: &first { payload: { type: object } }
  2.0: *first
"#;

    TAG = "T008" "yaml-tag":
        "YAML tags such as `!!str` change how a value is read. The catalog's keys already say it.";
    failing r#"
# orders/domain.yaml
domain: orders
owner: !!str 42
"#;
    passing r#"
# orders/domain.yaml
domain: orders
owner: "42"
"#;

    TOO_LARGE = "T009" "too-large":
        "Nesting, values and what aliases repeat are bounded, so that no file can exhaust the build.";
    failing r#"
# orders/domain.yaml
domain: orders
owner: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ team-orders ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
"#;
    passing r#"
# orders/domain.yaml
domain: orders
owner: team-orders
"#;

    ALIAS = "T010" "alias-in-itself":
        "An alias stands for the value of its anchor, and cannot be a part of it.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions: &versions
  1.0: *versions
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: &first { payload: { type: object } }
  2.0: *first
"#;

    UNKNOWN_KIND = "T011" "unknown-kind":
        "Files are told apart by their first key: `catalog`, `domain`, `event`, `service` or `flow`. Files in a folder named `types` are JSON Schemas.";
    failing r#"
# orders/created.yaml
evnet: orders.order.created
versions:
  1.0: { payload: { type: object } }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
"#;

    UNKNOWN_KEY = "T012" "unknown-key":
        "The key has no meaning here. A misspelt key would silently leave its setting at the default.";
    failing r#"
# orders/domain.yaml
domain: orders
stream: { max_agee: 30d }
"#;
    passing r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 30d }
"#;

    MISSING_KEY = "T013" "missing-key":
        "A key without which the entry means nothing is not there.";
    failing r#"
# orders/created.yaml
event: orders.order.created
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
"#;

    WRONG_TYPE = "T014" "wrong-type":
        "The value is not of the kind that its key takes.";
    failing r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 30 }
"#;
    passing r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 30d }
"#;

    NO_VALUE = "T015" "entry-without-value":
        "Between braces, every key has a colon and a value. A comma ends a text that is not in quotes, and what follows is taken for the next key.";
    failing r#"
# orders/domain.yaml
domain: orders
stream: { name: ORDERS, max_age }
"#;
    passing r#"
# orders/domain.yaml
domain: orders
stream: { name: ORDERS, max_age: 30d }
"#;

    UNUSED_ANCHOR = "T016" "unused-anchor":
        "`&word` before a value lets `*word` repeat it. Where nothing does, it is mostly the first word of a text that wants quotes.";
    failing r#"
# orders/domain.yaml
domain: orders
summary: &more than orders
"#;
    passing r#"
# orders/domain.yaml
domain: orders
summary: "&more than orders"
"#;
}
