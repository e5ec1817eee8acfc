//! A run that could not keep its promise does not begin.

use std::num::NonZeroUsize;

use tidings::{Inbox, InboxError, ReplayError, RunError, Tidings};

use super::stage;
use crate::fixture::catalog::{CATALOG, ledger};
use crate::fixture::{Running, Tracker, booth, paid};

async fn broker() -> Tidings {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}

#[tokio::test]
async fn without_an_inbox_an_idempotent_subscription_does_not_run() {
    let bus = broker().await;
    let (tracker, _) = Tracker::content();
    let refused = Running::start(bus.run(ledger::Entries::subscriber(tracker.clone())));
    let error = refused.failed().await;
    assert!(matches!(error, RunError::NoInbox { durable: "ledger-entries" }));
    assert!(error.to_string().contains("add `.inbox(…)`"), "{error}");

    Running::start(bus.run(ledger::Open::subscriber(tracker))).stop().await;
}

#[tokio::test]
async fn an_inbox_that_is_not_there_is_missed_at_once() {
    let bus = broker().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (tracker, _) = Tracker::content();
    let subscriber = ledger::Entries::subscriber(tracker.clone());
    let database = Inbox::sqlite(stage::sqlite(&folder));
    for inbox in [database.clone(), Inbox::kv(bus.bucket("nowhere").expect("a name"))] {
        let error = Running::start(bus.run(subscriber.clone()).inbox(inbox)).failed().await;
        let RunError::Inbox { durable: "ledger-entries", source } = error else {
            panic!("not {error}")
        };
        assert!(matches!(source, InboxError::NotMigrated(_) | InboxError::Kv(_)), "{source}");
    }

    // What asks for nothing is not kept from running by it.
    let open = ledger::Open::subscriber(tracker);
    Running::start(bus.run(open).inbox(database.clone())).stop().await;
    stage::migrated(database.clone()).await;
    Running::start(bus.run(subscriber).inbox(database)).stop().await;
}

#[tokio::test]
async fn a_handler_that_takes_a_transaction_needs_an_inbox_that_has_one() {
    let bus = broker().await;
    let subscriber =
        || ledger::open::Handlers { toll_paid: super::transactions::record_in_sqlite }.subscriber();
    let memory = Inbox::memory(NonZeroUsize::MIN);
    for run in [bus.run(subscriber()), bus.run(subscriber()).inbox(memory)] {
        let error = Running::start(run).failed().await;
        let RunError::State { durable: "ledger-open", source } = error else {
            panic!("not {error}")
        };
        let words = source.to_string();
        assert!(
            words.contains("Tx<") && words.contains("`.inbox(Inbox::sqlite(pool))`"),
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_replay_to_an_idempotent_handler_has_an_inbox_or_does_not_begin() {
    let bus = broker().await;
    let spec = <ledger::entries::Subscription as tidings::Subscription>::SPEC;
    let (tracker, mut seen) = Tracker::content();
    for cents in 1..=3 {
        let toll = format!("t-{cents}");
        booth(&bus).toll_paid(paid(&toll, cents)).await.expect("stored");
    }
    let entries = || ledger::Entries::subscriber(tracker.clone());
    let error = bus.replay(spec).to(entries()).await.expect_err("nobody would know");
    assert!(matches!(error, ReplayError::NoInbox { durable: "ledger-entries" }), "{error:?}");
    assert!(error.to_string().contains("add `.inbox(…)`"), "{error}");
    let nowhere = Inbox::kv(bus.bucket("nowhere").expect("a name"));
    let error = bus.replay(spec).inbox(nowhere).to(entries()).await.expect_err("not there");
    assert!(matches!(error, ReplayError::Inbox(InboxError::Kv(_))), "{error:?}");
    let takes_a_transaction =
        ledger::open::Handlers { toll_paid: super::transactions::record_in_sqlite }.subscriber();
    let memory = || Inbox::memory(NonZeroUsize::new(100).expect("some"));
    let error = bus.replay(spec).inbox(memory()).to(takes_a_transaction).await.expect_err("none");
    assert!(matches!(error, ReplayError::State(_)), "{error:?}");
    assert!(seen.try_recv().is_err(), "nothing was handled");

    // Each event once, however often it is replayed; to another inbox all of them again.
    let inbox = memory();
    for (inbox, events, passed_over) in [(inbox.clone(), 3, 0), (inbox, 0, 3), (memory(), 3, 0)] {
        let replayed = bus.replay(spec).inbox(inbox).to(entries()).await.expect("replayed");
        assert_eq!((replayed.events, replayed.passed_over), (events, passed_over));
    }
    // One that failed is not marked.
    let (failing, _) = Tracker::new(async |_| Err(std::io::Error::other("not now"))?);
    let inbox = memory();
    let failed = bus.replay(spec).inbox(inbox.clone()).to(ledger::Entries::subscriber(failing));
    assert!(matches!(failed.await, Err(ReplayError::Failed { .. })));
    let replayed = bus.replay(spec).inbox(inbox).to(entries()).await.expect("replayed");
    assert_eq!((replayed.events, replayed.passed_over), (3, 0));
    // A handler that asks for nothing needs none.
    let open = bus.replay(spec).to(ledger::Open::subscriber(tracker.clone())).await;
    assert_eq!(open.expect("replayed").events, 3);
}
