//! `tidings dlq`: from an alert to a repaired dead letter, as `docs/operating.md` tells it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event_catalog::orders::fulfilment;
use tidings::{Reject, Service as _, Subscriber, Subscription as _, Tidings};
use tokio::task::JoinHandle;

use super::{Stage, masked};

/// A subscription that rejects what it gets until it is mended.
pub(super) struct Failing {
    pub(super) mended: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Failing {
    fn start(bus: &Tidings) -> Self {
        let mended = Arc::new(AtomicBool::new(false));
        let answer = Arc::clone(&mended);
        let handler = move |_, _| {
            let mended = answer.load(Ordering::Relaxed);
            async move {
                if mended {
                    Ok(())
                } else {
                    Err(Reject::because("the ledger has no such account"))?
                }
            }
        };
        let (service, spec) =
            (event_catalog::orders::Service::SPEC, fulfilment::Subscription::SPEC);
        let run = bus.run(Subscriber::untyped(service, spec, handler));
        let task = tokio::spawn(async move {
            run.until(std::future::pending::<()>()).await.expect("a run that goes on");
        });
        Self { mended, task }
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Payments that the subscription has rejected, of these organizations.
pub(super) async fn rejected(stage: &Stage, organizations: &[&str]) -> Failing {
    let failing = Failing::start(&stage.bus().await);
    for (place, organization) in organizations.iter().enumerate() {
        let id = format!("p-{}", place + 1);
        let args = ["publish", "payments.payment.processed", "--id", &id];
        stage.tidings(&[&args[..], &["--organization", organization]].concat()).stdout(0);
    }
    while stage.data(&["lag", "orders.fulfilment"])["subscriptions"][0]["dead_letters"]
        != organizations.len()
    {}
    failing
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_found_understood_and_replayed() {
    let stage = Stage::new().await;
    assert_eq!(stage.tidings(&["dlq", "list"]).stdout(0), "no dead letters\n");
    let failing = rejected(&stage, &["acme"]).await;
    let shown = stage.tidings(&["dlq", "list"]).stdout(0);
    insta::assert_snapshot!("listed", masked(&shown));
    let shown = masked(&stage.tidings(&["dlq", "show", "1"]).stdout(0));
    insta::assert_snapshot!("shown", shown);
    assert!(!shown.contains("4242"), "{shown}");

    // Not mended yet: it fails again, and that is said.
    let shown = stage.tidings(&["dlq", "replay", "1", "--wait"]).stdout(1);
    assert_eq!(
        shown,
        "1 dead letter handed to orders.fulfilment again\n0 handled\n1 failed again: 3\n"
    );
    failing.mended.store(true, Ordering::Relaxed);
    let shown = stage.tidings(&["dlq", "replay", "3", "--wait", "30"]).stdout(0);
    assert_eq!(shown, "1 dead letter handed to orders.fulfilment again\n1 handled\n");
    assert_eq!(stage.tidings(&["dlq", "list"]).stdout(0), "no dead letters\n");
    let gone = stage.tidings(&["dlq", "show", "1"]).failure();
    assert!(gone.contains("there is no dead letter 1"), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_filtered_and_paged() {
    let stage = Stage::new().await;
    let _failing = rejected(&stage, &["acme", "rival", "acme"]).await;
    let sequences = |args: &[&str]| -> Vec<u64> {
        let data = stage.data(&[&["dlq", "list"], args].concat());
        let letters = data["dead_letters"].as_array().expect("a list").iter();
        letters.map(|letter| letter["sequence"].as_u64().expect("a number")).collect()
    };
    assert_eq!(sequences(&[]), [1, 2, 3]);
    for (args, expected) in [
        (["--organization", "acme"], &[1, 3][..]),
        (["--organization", "nobody"], &[]),
        (["--subscription", "orders.fulfilment"], &[1, 2, 3]),
        (["--subscription", "orders.reservation"], &[]),
        (["--event", "payments.payment.processed"], &[1, 2, 3]),
        (["--event", "orders.order.created"], &[]),
        (["--reason", "rejected"], &[1, 2, 3]),
        (["--reason", "timed-out"], &[]),
        (["--since", "1h"], &[1, 2, 3]),
        (["--before", "1h"], &[]),
        (["--limit", "2"], &[1, 2]),
        (["--from", "3"], &[3]),
    ] {
        assert_eq!(sequences(&args), expected, "{args:?}");
    }
    assert_eq!(stage.data(&["dlq", "list", "--limit", "2"])["next"], 3);
    assert_eq!(stage.data(&["dlq", "list"])["next"], serde_json::Value::Null);
    let shown = stage.tidings(&["dlq", "list", "--limit", "2"]).stdout(0);
    assert!(shown.ends_with("2 dead letters, and more: `--from 3` goes on\n"), "{shown}");
    let letter = &stage.data(&["dlq", "list"])["dead_letters"][1];
    assert_eq!(
        (&letter["subscription"], &letter["id"]),
        (&"orders.fulfilment".into(), &"p-2".into())
    );
    assert_eq!(letter["payload"]["card_last4"], "<redacted>");
    assert_eq!(letter["source"]["stream"], "PAYMENTS_EVENTS");

    let failure = |args: &[&str]| stage.tidings(&[&["dlq"], args].concat()).failure();
    let unknown = failure(&["list", "--subscription", "orders.fulfilmant"]);
    assert!(unknown.contains("did you mean `orders.fulfilment`?"), "{unknown}");
    let unknown = failure(&["list", "--event", "orders.order.craeted"]);
    assert!(unknown.contains("did you mean `orders.order.created`?"), "{unknown}");
    let empty = Stage::empty().await;
    let missing = empty.tidings(&["dlq", "list"]).failure();
    assert!(
        missing.contains("the server has no stream of dead letters, `DLQ_EVENTS`"),
        "{missing}"
    );
    assert!(missing.contains("run `tidings apply`"), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_replayed_or_removed_by_mistake() {
    let stage = Stage::new().await;
    let failing = rejected(&stage, &["acme", "rival", "acme"]).await;
    let failure = |args: &[&str]| stage.tidings(&[&["dlq"], args].concat()).failure();
    insta::assert_snapshot!(failure(&["replay"]), @"
    error: nothing says which dead letters are meant
      = help: name their sequences, as `tidings dlq list` shows them
      = help: or filter them by `--subscription`, `--event`, `--reason`, `--organization`, `--since`, `--before`
      = help: or say `--all`
    ");
    insta::assert_snapshot!(failure(&["purge", "--all"]), @"
    error: nobody can be asked whether to remove 3 dead letters
      = help: `--yes` says so, `--dry-run` shows which
    ");
    let gone = failure(&["replay", "2", "7"]);
    assert!(gone.contains("there is no dead letter 7"), "{gone}");
    let dry = |args: &[&str]| stage.tidings(&[&["dlq"], args, &["--dry-run"]].concat()).stdout(0);
    assert_eq!(
        dry(&["replay", "--organization", "acme"]),
        "2 dead letters would be handed to orders.fulfilment again\n"
    );
    assert_eq!(dry(&["replay", "--all", "--limit", "1"]).split(' ').next(), Some("1"));
    assert_eq!(dry(&["purge", "2"]), "1 dead letter would be removed\n");
    assert_eq!(stage.data(&["dlq", "list"])["dead_letters"].as_array().map(Vec::len), Some(3));

    let removed = stage.data(&["dlq", "purge", "--organization", "rival", "--yes"]);
    assert_eq!((&removed["removed"], &removed["sequences"]), (&1.into(), &serde_json::json!([2])));
    failing.mended.store(true, Ordering::Relaxed);
    let replayed = stage.data(&["dlq", "replay", "--all", "--rate", "50", "--wait"]);
    assert_eq!((&replayed["count"], &replayed["left"]), (&2.into(), &0.into()));
    assert_eq!(replayed["waited"], serde_json::json!({ "failed_again": [], "unsettled": 0 }));
    assert_eq!(stage.tidings(&["dlq", "purge", "--all"]).stdout(0), "no dead letters to remove\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_run_is_asked_about() {
    let stage = Stage::new().await;
    let failing = rejected(&stage, &["acme"]).await;
    failing.task.abort();
    while !failing.task.is_finished() {
        tokio::task::yield_now().await;
    }
    let shown = stage.tidings(&["dlq", "replay", "1", "--wait", "1"]).stdout(1);
    assert!(shown.contains("1 still open: is the service running?"), "{shown}");
    let lag = stage.tidings(&["lag", "orders.fulfilment"]).stdout(0);
    assert!(lag.contains("0 +1"), "{lag}");
}
