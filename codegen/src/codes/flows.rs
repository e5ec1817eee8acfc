//! T43x: flows that say what no step can be, or what the services do not do.

super::codes! { FLOWS;
    FLOW_STEP = "T430" "flow-step":
        "A step is one thing: an event, a message or a question without a stream, a dead letter, or ways on of which one is taken. What may be said beside it depends on what it is.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
subscriptions: { copies: { events: [orders.order.created] } }
# flows/order.yaml
flow: order
steps:
  - event: orders.order.created
    when: a customer orders
    dead_letter: orders.order.created
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
subscriptions: { copies: { events: [orders.order.created] } }
# flows/order.yaml
flow: order
steps:
  - event: orders.order.created
    when: a customer orders
  - dead_letter: orders.order.created
    when: it cannot be copied
"#;

    FLOW_EMPTY = "T431" "flow-empty":
        "A flow, and each way on in it, has at least one step, and what is said to come to somebody names them.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
subscriptions: { copies: { events: [orders.order.created] } }
# flows/order.yaml
flow: order
steps:
  - alt:
      a customer orders: [orders.order.created]
      nobody orders: []
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
subscriptions: { copies: { events: [orders.order.created] } }
# flows/order.yaml
flow: order
steps:
  - event: orders.order.created
    when: a customer orders
"#;

    FLOW_SERVICE = "T432" "flow-service":
        "A flow tells what the services do by their files: who publishes an event, who receives it, who sends, listens and answers without a stream. Where it says something else, one of the two is wrong; where several services do it, the flow says which of them.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
# services/billing.yaml
service: billing
subscriptions: { invoicing: { events: [orders.order.created] } }
# flows/order.yaml
flow: order
steps:
  - event: orders.order.created
    when: a customer orders
    to: [shop]
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
# services/billing.yaml
service: billing
subscriptions: { invoicing: { events: [orders.order.created] } }
# flows/order.yaml
flow: order
steps:
  - event: orders.order.created
    when: a customer orders
    to: [billing]
"#;
}
