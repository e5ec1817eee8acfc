//! `tidings tail`

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use super::{AtWork, Stage, masked};

/// Publishes what is no event, as any client may.
fn foreign(stage: &Stage, subject: &str, text: &str) {
    let mut socket = TcpStream::connect(("127.0.0.1", stage.server.port())).expect("connected");
    let length = text.len();
    let said =
        format!("CONNECT {{\"verbose\":false}}\r\nPUB {subject} {length}\r\n{text}\r\nPING\r\n");
    socket.write_all(said.as_bytes()).expect("sent");
    let mut heard = Vec::new();
    while !heard.ends_with(b"PONG\r\n") {
        let mut some = [0; 512];
        let length = socket.read(&mut some).expect("an answer");
        assert_ne!(length, 0, "the server has closed the connection");
        heard.extend_from_slice(&some[..length]);
    }
}

fn ids(stage: &Stage, args: &[&str]) -> Vec<String> {
    let shown = stage.tidings(&[&["tail", "--format", "json"], args].concat()).stdout(0);
    let id = |line: &str| {
        let document: Value = serde_json::from_str(line).expect("JSON");
        document["data"]["id"].as_str().expect("an id").to_owned()
    };
    shown.lines().map(id).collect()
}

#[tokio::test]
async fn the_newest_events_are_shown_without_personal_data() {
    let stage = Stage::new().await;
    assert_eq!(stage.tidings(&["tail"]).stdout(0), "no events\n");
    let args = ["publish", "auth.user.created", "--organization", "acme", "--id", "u-1"];
    stage.tidings(&args).stdout(0);
    let args = ["publish", "payments.payment.processed", "--organization", "rival", "--id", "p-1"];
    stage.tidings(&args).stdout(0);
    foreign(&stage, "payments.payment.processed", "hello");
    let shown = masked(&stage.tidings(&["tail", "-n", "2"]).stdout(0));
    insta::assert_snapshot!(shown);
    assert!(!shown.contains('@'), "{shown}");
    let shown = stage.tidings(&["tail", "-n", "1", "--pretty", "payments.>"]).stdout(0);
    insta::assert_snapshot!("in_several_lines", masked(&shown));
}

#[tokio::test]
async fn what_is_shown_can_be_chosen() {
    let stage = Stage::new().await;
    for (id, organization) in [("o-1", "acme"), ("o-2", "rival"), ("o-3", "acme")] {
        stage.order(id, organization);
    }
    let args = ["publish", "payments.payment.processed", "--organization", "acme", "--id", "p-1"];
    stage.tidings(&args).stdout(0);
    let all = ["o-1", "o-2", "o-3", "p-1"];
    assert_eq!(ids(&stage, &[]), all);
    assert_eq!(ids(&stage, &["--last", "2"]), all[2..]);
    assert_eq!(ids(&stage, &["--since", "1h"]), all);
    assert_eq!(ids(&stage, &["--since", "2100-01-01T00:00:00Z"]), [""; 0]);
    assert_eq!(ids(&stage, &["--organization", "rival"]), ["o-2"]);
    assert_eq!(ids(&stage, &["--organization", "rival", "-n", "1"]), ["o-2"]);
    assert_eq!(ids(&stage, &["orders.order.created"]), all[..3]);
    assert_eq!(ids(&stage, &["PAYMENTS_EVENTS"]), ["p-1"]);
    assert_eq!(ids(&stage, &["*.order.>", "-n", "1"]), ["o-3"]);
    assert_eq!(ids(&stage, &["--service", "payments"]), ["p-1"]);
    assert_eq!(ids(&stage, &["--subscription", "orders.fulfilment"]), ["p-1"]);
    assert_eq!(ids(&stage, &["--key", "nobody"]), [""; 0]);

    let failure = |args: &[&str]| stage.tidings(&[&["tail"], args].concat()).failure();
    insta::assert_snapshot!(failure(&["orders.order.craeted"]), @"
    error: the catalog has no event and no stream `orders.order.craeted`
      = help: did you mean `orders.order.created`?
      = help: a subject is written with wildcards: `orders.>`
    ");
    insta::assert_snapshot!(failure(&["parcels.>"]), @"
    error: no event of the catalog is on a subject like `parcels.>`
      = help: its streams take ai_agent.>, analytics.>, auth.>, catalog.>, ddmrp.>, execution.>, inventory.>, orders.>, payments.>, user.>
    ");
    let shown = failure(&["--subscription", "orders-fulfilmint"]);
    assert!(shown.contains("the catalog has no subscription `orders-fulfilmint`"), "{shown}");
    assert!(failure(&["--service", "ordres"]).contains("did you mean `orders`?"));
    let missing = Stage::empty().await;
    let shown = missing.tidings(&["tail", "orders.order.created"]).failure();
    assert!(shown.contains("the server has no stream `ORDERS_EVENTS`"), "{shown}");
    assert!(shown.contains("run `tidings apply`"), "{shown}");
}

#[cfg(unix)]
#[tokio::test]
async fn it_follows_until_it_is_interrupted_and_disturbs_nobody() {
    let stage = Stage::new().await;
    stage.order("o-1", "acme");
    let before = stage.data(&["lag", "analytics.order_book"]);
    let following = ["tail", "orders.>", "--follow", "--format", "json"];
    let mut tail = AtWork::start(stage.command(&following));
    assert_eq!(tail.document()["data"]["id"], "o-1");
    stage.order("o-2", "acme");
    let seen = tail.document();
    assert_eq!((&seen["data"]["id"], &seen["data"]["sequence"]), (&"o-2".into(), &2.into()));
    tail.interrupt();
    assert_eq!(tail.ended().stdout(0), "");
    // Whoever reads may go away, too.
    let mut tail = AtWork::start(stage.command(&following));
    assert_eq!(tail.document()["data"]["id"], "o-1");
    drop(std::mem::replace(&mut tail, AtWork::start(stage.command(&["lag"]))));

    let after = stage.data(&["lag", "analytics.order_book"]);
    let of = |data: &Value| data["subscriptions"][0].clone();
    assert_eq!((&of(&before)["pending"], &of(&after)["pending"]), (&1.into(), &2.into()));
    assert_eq!((&of(&after)["in_flight"], &of(&after)["last_delivery"]), (&0.into(), &Value::Null));
}
