//! A run that could not keep its promise does not begin.

use std::num::NonZeroUsize;

use tidings::{Inbox, InboxError, RunError, Tidings};

use super::stage;
use crate::fixture::catalog::{CATALOG, ledger};
use crate::fixture::{Running, Tracker};

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
