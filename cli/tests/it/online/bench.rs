//! `tidings bench`

use super::Stage;

#[tokio::test]
async fn it_measures_on_a_stream_of_its_own_and_removes_it() {
    let stage = Stage::new().await;
    let streams = stage.bus().await.streams().expect("a server");
    let before = streams.list().await.expect("streams");
    let data =
        stage.data(&["bench", "orders.order.created", "payments.payment.processed", "-n", "40"]);
    let events = data["events"].as_array().expect("a list");
    assert_eq!(events.len(), 2, "{data}");
    for event in events {
        for rate in ["published_per_second", "handled_per_second", "p50_seconds", "p99_seconds"] {
            assert!(event[rate].as_f64().is_some_and(|rate| rate > 0.0), "{rate}: {data}");
        }
    }
    assert_eq!(
        streams.list().await.expect("streams"),
        before,
        "nothing is left, and nothing was added"
    );
    let shown = stage.tidings(&["bench", "orders.order.created", "-n", "5", "--storage", "memory"]);
    let shown = shown.stdout(0);
    assert!(shown.starts_with("event"), "{shown}");
    assert!(shown.ends_with("the stream of this measurement is removed\n"), "{shown}");
    let unknown = stage.tidings(&["bench", "orders.order.craeted"]).failure();
    assert!(unknown.contains("did you mean `orders.order.created`?"), "{unknown}");
}
