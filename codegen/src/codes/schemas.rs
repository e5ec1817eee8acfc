//! T2xx: payload schemas.

use super::{Code, Fixtures, Level};

super::codes! { SCHEMAS;
    SCHEMA_KEYWORD = "T201" "unknown-keyword":
        "JSON Schema has no such keyword, or the catalog has no use for it. Readers of JSON Schema skip what they do not know, so a misspelt keyword would silently allow everything.";
    failing r#"
# types/email.yaml
type: string
maxLenght: 200
"#;
    passing r#"
# types/email.yaml
type: string
maxLength: 200
"#;

    SCHEMA_UNSUPPORTED = "T202" "unsupported-keyword":
        "The keyword is JSON Schema, but has no Rust shape. The help names the nearest one that has.";
    failing r#"
# types/tags.yaml
type: array
items: { type: string }
contains: { type: string }
"#;
    passing r#"
# types/tags.yaml
type: array
items: { type: string }
minItems: 1
"#;

    SCHEMA_MISPLACED = "T203" "misplaced-keyword":
        "The keyword says nothing about a value of this type.";
    failing r#"
# types/quantity.yaml
type: integer
maxLength: 3
"#;
    passing r#"
# types/quantity.yaml
type: integer
maximum: 999
"#;

    SCHEMA_VALUE = "T204" "keyword-value":
        "The keyword's value is not of the kind that it takes.";
    failing r#"
# types/quantity.yaml
type: integer
minimum: "1"
"#;
    passing r#"
# types/quantity.yaml
type: integer
minimum: 1
"#;

    SCHEMA_TYPE = "T205" "schema-type":
        "A schema says its type: `object`, `array`, `string`, `integer`, `number`, `boolean`, or a list of one of them and `\"null\"`.";
    failing r#"
# types/price.yaml
type: decimal
"#;
    passing r#"
# types/price.yaml
type: number
"#;

    PAYLOAD_NOT_OBJECT = "T206" "payload-not-object":
        "A payload is an object, so that a newer version can add properties.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: array, items: { type: string } }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload:
      type: object
      properties:
        lines: { type: array, items: { type: string } }
"#;

    UNKNOWN_REFERENCE = "T207" "unknown-schema-reference":
        "A `$ref` names a file in a folder `types`, or `#/$defs/…` of its own file or payload.";
    failing r#"
# types/money.yaml
type: object
properties:
  currency: { $ref: curency.yaml }
# types/currency.yaml
type: string
"#;
    passing r#"
# types/money.yaml
type: object
properties:
  currency: { $ref: currency.yaml }
# types/currency.yaml
type: string
"#;

    ENDLESS_TYPE = "T208" "endless-type":
        "A type that requires itself has no smallest value. Make one step of the ring optional, a list or a map.";
    failing r#"
# types/category.yaml
type: object
required: [parent]
properties:
  parent: { $ref: category.yaml }
"#;
    passing r#"
# types/category.yaml
type: object
properties:
  parent: { $ref: category.yaml }
"#;

    REQUIRED_UNKNOWN = "T209" "required-unknown":
        "`required` names properties of the same object, each once.";
    failing r#"
# types/customer.yaml
type: object
required: [custmer_id]
properties:
  customer_id: { type: string }
"#;
    passing r#"
# types/customer.yaml
type: object
required: [customer_id]
properties:
  customer_id: { type: string }
"#;

    ENUM_VALUES = "T210" "enum-values":
        "An enum lists different strings whose Rust names differ too.";
    failing r#"
# types/status.yaml
enum: [in-stock, in_stock, sold]
"#;
    passing r#"
# types/status.yaml
enum: [in-stock, sold]
"#;

    UNTAGGED_ONE_OF = "T211" "untagged-one-of":
        "The alternatives of a `oneOf` or `anyOf` are told apart by a required property that has another `const` in each, by their JSON types, or by properties that only one requires.";
    failing r#"
# types/payment.yaml
oneOf:
  - type: object
    properties: { iban: { type: string } }
  - type: object
    properties: { card: { type: string } }
"#;
    passing r#"
# types/payment.yaml
oneOf:
  - type: object
    required: [method]
    properties: { method: { const: transfer }, iban: { type: string } }
  - type: object
    required: [method]
    properties: { method: { const: card }, card: { type: string } }
"#;

    IMPOSSIBLE_BOUNDS = "T212" "impossible-bounds":
        "No value lies between the bounds.";
    failing r#"
# types/quantity.yaml
type: integer
minimum: 10
maximum: 1
"#;
    passing r#"
# types/quantity.yaml
type: integer
minimum: 1
maximum: 10
"#;

    PATTERN_SYNTAX = "T213" "pattern-syntax":
        "`pattern` is a regular expression of ECMA-262.";
    failing r#"
# types/sku.yaml
type: string
pattern: "^[A-Z"
"#;
    passing r#"
# types/sku.yaml
type: string
pattern: "^[A-Z]+$"
"#;

    ALL_OF_CONFLICT = "T214" "all-of-conflict":
        "What an `allOf` joins, or a `$ref` with the keywords beside it, must hold of every value. Here no value follows both.";
    failing r#"
# types/price.yaml
allOf:
  - { type: integer, minimum: 0 }
  - { type: string }
"#;
    passing r#"
# types/price.yaml
allOf:
  - { type: integer, minimum: 0 }
  - { type: number, maximum: 100 }
"#;
}

pub(crate) const SLOW_PATTERN: &Code = &Code {
    id: "T215",
    name: "slow-pattern",
    level: Level::Error,
    configurable: true,
    explanation: "A `pattern` runs by backtracking, as in ECMA-262: it tries every way in which the text may match. Where what is repeated matches the same text in many ways, as `(a+)+` does, a text of thirty characters that does not match keeps a publisher busy for minutes, and each further one twice as long. Set the rule to `off` only where the texts are your own; such a pattern is not asked about examples.",
    fixtures: Fixtures::Catalogs {
        failing: r#"
# types/title.yaml
type: string
pattern: '^(\w+\s?)+$'
"#,
        passing: r#"
# types/title.yaml
type: string
pattern: '^\w+(\s\w+)*\s?$'
"#,
    },
};

/// Those that the catalog's `rules` can set.
pub(super) const SETTABLE_SCHEMAS: &[&Code] = &[SLOW_PATTERN];
