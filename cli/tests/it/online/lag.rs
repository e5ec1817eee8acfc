//! `tidings lag`

use super::{AtWork, Stage};

#[tokio::test]
async fn each_subscription_says_how_far_behind_it_is() {
    let stage = Stage::new().await;
    stage.order("o-1", "acme");
    stage.order("o-2", "acme");
    let shown = stage.tidings(&["lag", "--service", "orders", "analytics.order_book"]).stdout(0);
    insta::assert_snapshot!(shown, @"
    subscription          stream            pending  in flight  redelivered  dead letters  last delivery
    analytics.order_book  ORDERS_EVENTS           2          0            0             0  never
    orders.fulfilment     PAYMENTS_EVENTS         0          0            0             0  never
    orders.reservation    INVENTORY_EVENTS        0          0            0             0  never
    ");
    let args = ["lag", "analytics-order_book", "orders.fulfilment", "--max", "1"];
    let shown = stage.tidings(&args).stdout(1);
    assert!(shown.ends_with("more than 1 pending: analytics.order_book\n"), "{shown}");
    let within = stage.tidings(&["lag", "--max", "2"]).stdout(0);
    assert!(within.ends_with("no subscription has more than 2 pending\n"), "{within}");
    let data = stage.data(&["lag", "analytics.order_book", "--max", "2"]);
    assert_eq!(
        data,
        serde_json::json!({
            "max": 2,
            "subscriptions": [{
                "subscription": "analytics.order_book",
                "durable": "analytics-order_book",
                "stream": "ORDERS_EVENTS",
                "exists": true,
                "pending": 2,
                "in_flight": 0,
                "redelivered": 0,
                "dead_letters": 0,
                "redriven": 0,
                "last_delivery": null,
                "over": false,
            }],
        })
    );
    let unknown = stage.tidings(&["lag", "orders.fulfilmant"]).failure();
    assert!(unknown.contains("did you mean `orders.fulfilment`?"), "{unknown}");
}

#[tokio::test]
async fn a_consumer_that_is_missing_is_said() {
    let stage = Stage::empty().await;
    insta::assert_snapshot!(stage.tidings(&["lag"]).failure(), @"
    error: the server has none of the consumers of these subscriptions
      = help: run `tidings apply`, which creates what the catalog asks for
    ");
    let stage = Stage::new().await;
    let streams = stage.bus().await.streams().expect("a server");
    streams.delete("PAYMENTS_EVENTS").await.expect("deleted");
    let shown = stage.tidings(&["lag", "--service", "orders"]).stdout(1);
    insta::assert_snapshot!(shown, @"
    subscription        stream            pending  in flight  redelivered  dead letters  last delivery
    orders.fulfilment   PAYMENTS_EVENTS                                                  no consumer: run `tidings apply`
    orders.reservation  INVENTORY_EVENTS        0          0            0             0  never
    ");
}

#[cfg(unix)]
#[tokio::test]
async fn it_looks_again_and_again() {
    let stage = Stage::new().await;
    let args = ["lag", "analytics.order_book", "--watch", "--every", "1", "--format", "json"];
    let mut lag = AtWork::start(stage.command(&args));
    let mut pending = || lag.document()["data"]["subscriptions"][0]["pending"].clone();
    assert_eq!(pending(), 0);
    stage.order("o-1", "acme");
    while pending() != 1 {}
    lag.interrupt();
    assert_eq!(lag.ended().code, 0);
}
