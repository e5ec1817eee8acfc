//! `tidings publish`

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Instant;

use event_catalog::{auth, inventory, orders, payments};
use serde_json::Value;
use tidings::{Event as _, Tidings};

use super::Stage;
use crate::tidings::{Ended, Project};

#[tokio::test]
async fn an_example_is_published_as_its_service_would() {
    let stage = Stage::new().await;
    let args = ["publish", "orders.order.created", "--organization", "acme", "--id", "e-1"];
    insta::assert_snapshot!(stage.tidings(&args).stdout(0), @"
    stored: orders.order.created 2.0 is in ORDERS_EVENTS as number 1
      id            e-1
      subject       orders.order.019cadd3-8782-7db2-b428-1a2d94af3083.created
      source        /tidings-samples/orders
      organization  acme
      key           019cadd3-8782-7db2-b428-1a2d94af3083
    ");
    insta::assert_snapshot!(stage.tidings(&args).stdout(0), @"
    duplicate: `ORDERS_EVENTS` has an event with this id already; nothing was added
      id            e-1
      subject       orders.order.019cadd3-8782-7db2-b428-1a2d94af3083.created
      source        /tidings-samples/orders
      organization  acme
      key           019cadd3-8782-7db2-b428-1a2d94af3083
    ");
    let data = stage.data(&["publish", "auth.user.created", "--organization", "acme"]);
    assert_eq!((&data["outcome"], &data["sequence"]), (&"stored".into(), &2.into()));
    assert_eq!((&data["version"], &data["copies"]), (&"2.0".into(), &serde_json::json!(["1.0"])));
    assert_eq!(stage.tidings(&[&args[..], &["--quiet"]].concat()).stdout(0), "");
}

#[tokio::test]
async fn what_the_catalog_encrypts_takes_the_keys_of_its_organization() {
    let stage = Stage::new().await;
    stage.order("o-1", "acme");
    let file = ["replay", "ORDERS_EVENTS", "--to", "orders.jsonl"];
    stage.tidings(&file).stdout(0);
    let stored: Value =
        serde_json::from_str(&stage.project.read("orders.jsonl")).expect("one line");
    let example: Value =
        serde_json::from_str(orders::OrderCreated::SPEC.examples[0]).expect("JSON");
    assert_ne!(stored["data"]["email"], example["email"]);
    assert_eq!(stored["data"]["order_id"], example["order_id"]);

    let mut command = stage.command(&["publish", "orders.order.created", "--organization", "acme"]);
    command.env_remove("TIDINGS_KEYS");
    let refused = Ended::of(command).failure();
    assert!(refused.contains("the connection has no keys"), "{refused}");
    assert!(refused.contains("`--keys <FOLDER>` names the keys of the organizations"), "{refused}");
}

/// What lies in a stream, event by event, without what differs each time.
async fn stored(bus: &Tidings, stream: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("events.jsonl");
    let stream = event_catalog::CATALOG.stream(stream).expect("a stream");
    bus.replay(stream).to_file(&file).await.expect("replayed");
    let text = fs::read_to_string(&file).expect("a file");
    let event = |line: &str| {
        let mut event: Value = serde_json::from_str(line).expect("JSON");
        let members = event.as_object_mut().expect("an object");
        members.retain(|name, _| {
            !["id", "time", "copyof", "correlationid", "natssequence", "natstime"]
                .contains(&&**name)
        });
        event
    };
    text.lines().map(event).collect()
}

#[tokio::test]
async fn the_stream_cannot_tell_the_command_from_the_service() {
    let stage = Stage::new().await;
    let bus = stage.bus().await;
    let by_hand = |event: &str| {
        stage.tidings(&["publish", event, "--organization", "acme"]).stdout(0);
    };
    // With a parameter in its subject, with copies in older versions, and one that has neither.
    by_hand("inventory.stock.allocated");
    by_hand("auth.user.created");
    by_hand("payments.payment.processed");
    let read = |examples: &[&str]| examples[0].to_owned();
    let example = read(inventory::InventoryAllocated::SPEC.examples);
    inventory::Publisher::new(&bus)
        .organization("acme")
        .publish(
            serde_json::from_str::<inventory::InventoryAllocated>(&example).expect("an example"),
        )
        .await
        .expect("stored");
    let example = read(auth::UserCreated::SPEC.examples);
    auth::Publisher::new(&bus)
        .organization("acme")
        .publish(serde_json::from_str::<auth::UserCreated>(&example).expect("an example"))
        .await
        .expect("stored");
    let example = read(payments::PaymentProcessed::SPEC.examples);
    payments::Publisher::new(&bus)
        .organization("acme")
        .publish(serde_json::from_str::<payments::PaymentProcessed>(&example).expect("an example"))
        .await
        .expect("stored");
    for stream in ["INVENTORY_EVENTS", "AUTH_EVENTS", "PAYMENTS_EVENTS"] {
        let events = stored(&bus, stream).await;
        let (command, service) = events.split_at(events.len() / 2);
        assert_eq!(command, service, "{stream}");
        assert!(!command.is_empty(), "{stream}");
    }
}

#[tokio::test]
async fn a_payload_of_ones_own_is_held_to_its_schema() {
    let stage = Stage::new().await;
    let example: Value =
        serde_json::from_str(orders::OrderCreated::SPEC.examples[0]).expect("JSON");
    let mut wrong = example.clone();
    wrong["lines"][0]["quantity"] = 0.into();
    wrong["emial"] = "a@b.example".into();
    let pretty = serde_json::to_string_pretty(&wrong).expect("JSON");
    stage.project.write("order.json", &pretty);
    let args =
        ["publish", "orders.order.created", "--organization", "acme", "--file", "order.json"];
    let shown = stage.tidings(&args).stdout(1);
    let shown = shown.replace(&crate::tidings::workspace().display().to_string(), "<workspace>");
    for said in [
        "`/lines/0/quantity` is 0, less than 1\n  --> order.json:",
        "the schema has no property `emial`",
        "did you mean `email`?",
        "event-catalog/types/order-line.yaml:",
        "nothing was published: the payload does not fit `orders.order.created` 2.0\n",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert_eq!(stage.data(&["lag", "analytics.order_book"])["subscriptions"][0]["pending"], 0);
    let report = stage.tidings(&[&args[..], &["--format", "json"]].concat()).stdout(1);
    let report: Value = serde_json::from_str(&report).expect("one document");
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 2, "{report}");
    let place = |finding: &Value| finding["file"] == "order.json" && finding["code"].is_null();
    assert!(findings.iter().all(place), "{report}");

    // Through stdin, and with a value of its own.
    let args = ["publish", "orders.order.created", "--organization", "acme", "--file", "-"];
    let mut command = stage.command(&[&args[..], &["--set", "note=7", "--dry-run"]].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().expect("a program that runs");
    let mut stdin = running.stdin.take().expect("piped");
    stdin.write_all(example.to_string().as_bytes()).expect("written");
    drop(stdin);
    let output = running.wait_with_output().expect("an end");
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(shown.contains("\"note\": \"7\""), "a string, as the schema has it: {shown}");
    assert!(shown.ends_with("nothing was published: this was a dry run\n"), "{shown}");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_said_before_anything_is_sent() {
    let stage = Stage::empty().await;
    let failure = |args: &[&str]| stage.tidings(&[&["publish"], args].concat()).failure();
    insta::assert_snapshot!(failure(&["orders.order.craeted"]), @"
    error: the catalog has no event `orders.order.craeted`
      = help: did you mean `orders.order.created`?
    ");
    insta::assert_snapshot!(failure(&["orders.order.created"]), @"
    error: the catalog wants every event to name its organization
      = help: `--organization <ID>` names it
    ");
    let of = ["orders.order.created", "--organization", "acme"];
    insta::assert_snapshot!(failure(&[&of[..], &["--version", "3"]].concat()), @"
    error: `orders.order.created` has no version `3`
      = help: versions that are published: 1.0, 2.0
    ");
    insta::assert_snapshot!(failure(&[&of[..], &["--example", "9"]].concat()), @"
    error: `orders.order.created` 2.0 has 1 example, and no number 9
      = help: `--file <FILE>` sends a payload of your own, `--file -` what stdin says
    ");
    insta::assert_snapshot!(failure(&[&of[..], &["--service", "payments"]].concat()), @"
    error: `payments` does not publish `orders.order.created`
      = help: those who do: orders
    ");
    insta::assert_snapshot!(failure(&[&of[..], &["--set", "note"]].concat()), @"
    error: `--set note` cannot be done: it has no `=`
      = help: write `<field>=<value>`, with dots between the fields: `--set lines.0.quantity=2`
    ");
    let begun = Instant::now();
    insta::assert_snapshot!(failure(&of), @"
    error: the server has no stream `ORDERS_EVENTS`
      = help: run `tidings apply`, which creates what the catalog asks for
    ");
    // Publishing itself would have waited for the stream, for half a minute.
    assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
}

#[test]
fn a_server_that_is_not_there_is_a_failure() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let nobody = format!("nats://{free}");
    let project = Project::shop();
    for verb in [
        &["publish", "orders.order.created"][..],
        &["tail"],
        &["lag"],
        &["lag", "--watch"],
        &["dlq", "list"],
        &["dlq", "show", "1"],
        &["dlq", "replay", "--all"],
        &["dlq", "purge", "--all"],
        &["replay", "ORDERS_EVENTS", "--to", "events.jsonl"],
        &["bench"],
    ] {
        let failed = project.tidings(&[verb, &["--server", &nobody]].concat());
        let Ended { code, stderr, .. } = &failed;
        assert_eq!(*code, 2, "{verb:?}: {failed:?}");
        assert!(
            stderr.contains(&format!("no NATS server answers at {nobody}")),
            "{verb:?}: {stderr}"
        );
    }
}
