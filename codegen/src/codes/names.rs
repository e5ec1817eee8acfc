//! T1xx: names, and references to them.

super::codes! { NAMES;
    NO_CATALOG = "T101" "no-catalog":
        "One file of the catalog begins with `catalog:` and gives the catalog its name.";
    failing r#"
# catalog.yaml
domain: payments
"#;
    passing r#"
# catalog.yaml
catalog: shop
"#;

    DUPLICATE_NAME = "T102" "duplicate-name":
        "Two files declare the same thing. Names of domains, events, services, flows and shared types are unique in a catalog.";
    failing r#"
# services/billing.yaml
service: billing
# services/invoices.yaml
service: billing
"#;
    passing r#"
# services/billing.yaml
service: billing
# services/invoices.yaml
service: invoices
"#;

    UNKNOWN_EVENT = "T103" "unknown-event":
        "A service or a flow names an event that no file declares.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.craeted]
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
"#;

    UNKNOWN_VERSION = "T104" "unknown-version":
        "A service names a major version that the event does not have.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created@2]
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created@1]
"#;

    UNKNOWN_DOMAIN = "T105" "unknown-domain":
        "The first token of an event's type is its domain, and a file declares each domain with its owner and its stream.";
    failing r#"
# payments/processed.yaml
event: payments.payment.processed
versions:
  1.0: { payload: { type: object } }
"#;
    passing r#"
# payments/domain.yaml
domain: payments
# payments/processed.yaml
event: payments.payment.processed
versions:
  1.0: { payload: { type: object } }
"#;

    EMPTY_PATTERN = "T106" "empty-pattern":
        "A pattern stands for the events whose subjects it matches, and there are none.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/audit.yaml
service: audit
subscriptions:
  log: { events: [orders.*] }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/audit.yaml
service: audit
subscriptions:
  log: { events: [orders.>] }
"#;

    PATTERN_PUBLISHED = "T107" "pattern-published":
        "What a service publishes is named event by event, because each becomes a method of its publisher.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.>]
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
"#;

    DUPLICATE_REFERENCE = "T108" "duplicate-reference":
        "An event is named twice in one list.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created, orders.order.created@1]
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
"#;

    TYPE_NAME = "T109" "type-name":
        "The names of shared types, of `$defs` and of properties become Rust names: ASCII, and with a letter in it.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload:
      type: object
      properties:
        größe: { type: string }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload:
      type: object
      properties:
        size: { type: string }
"#;

    UNKNOWN_RULE = "T113" "unknown-rule":
        "`rules` of `catalog.yaml` names a rule by its code or its name, and there is none of this.";
    failing r#"
# catalog.yaml
catalog: shop
rules: { unconsumed-events: off }
"#;
    passing r#"
# catalog.yaml
catalog: shop
rules: { unconsumed-event: off }
"#;

    FIXED_RULE = "T114" "fixed-rule":
        "Without this rule the catalog would mean nothing, the server would refuse it, or the generated code would not compile. It always stops the build.";
    failing r#"
# catalog.yaml
catalog: shop
rules: { unknown-event: warn }
"#;
    passing r#"
# catalog.yaml
catalog: shop
rules: { handler-timeout: error }
"#;

    UNKNOWN_SERVICE = "T116" "unknown-service":
        "A flow names a service that no file declares.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
# flows/order.yaml
flow: order
steps:
  - event: orders.order.created
    by: shopp
    when: a customer orders
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
# flows/order.yaml
flow: order
steps:
  - event: orders.order.created
    by: shop
    when: a customer orders
"#;
}
