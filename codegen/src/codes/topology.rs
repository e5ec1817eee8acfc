//! T3xx to T5xx: streams, subscriptions and versions that mean nothing as they are written.

super::codes! { TOPOLOGY;
    STREAM_NAME_TAKEN = "T301" "stream-declared-twice":
        "One domain declares a stream. To store two domains together, let them be one.";
    failing r#"
# orders/domain.yaml
domain: orders
# sales/domain.yaml
domain: sales
stream: { name: ORDERS_EVENTS }
"#;
    passing r#"
# orders/domain.yaml
domain: orders
# sales/domain.yaml
domain: sales
stream: { name: SALES_EVENTS }
"#;

    SUBSCRIPTION_STREAMS = "T401" "subscription-spans-streams":
        "A subscription is one durable consumer, and a consumer reads one stream.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# payments/domain.yaml
domain: payments
# payments/processed.yaml
event: payments.payment.processed
versions:
  1.0: { payload: { type: object } }
# services/audit.yaml
service: audit
subscriptions:
  log: { events: [orders.order.created, payments.payment.processed] }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# payments/domain.yaml
domain: payments
# payments/processed.yaml
event: payments.payment.processed
versions:
  1.0: { payload: { type: object } }
# services/audit.yaml
service: audit
subscriptions:
  orders: { events: [orders.order.created] }
  payments: { events: [payments.payment.processed] }
"#;

    SUBSCRIPTION_EMPTY = "T402" "subscription-empty":
        "A subscription receives at least one event.";
    failing r#"
# services/audit.yaml
service: audit
subscriptions:
  log: { events: [] }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/audit.yaml
service: audit
subscriptions:
  log: { events: [orders.order.created] }
"#;

    EMPTY_BACKOFF = "T403" "empty-backoff":
        "`backoff` gives the delay before each further delivery; the last one repeats, so there is at least one.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/audit.yaml
service: audit
subscriptions:
  log: { events: [orders.order.created], retry: { backoff: [] } }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/audit.yaml
service: audit
subscriptions:
  log: { events: [orders.order.created], retry: { backoff: [1s, 10s] } }
"#;

    NO_VERSION = "T501" "no-version":
        "An event has at least one version.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions: {}
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
"#;

    UNKNOWN_REPLACEMENT = "T502" "unknown-replacement":
        "`use` of a deprecated version names another version of the same event.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    deprecated: { use: 2.0 }
    payload: { type: object }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    deprecated: { use: 2.0 }
    payload: { type: object }
  2.0:
    payload: { type: object }
"#;
}
