//! Services that are killed at every step: the program of `tests/ledger`, with few seeds.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// Longer than it takes on a machine with much to do.
const PATIENCE: Duration = Duration::from_secs(240);

async fn ledger(arguments: &[&str]) {
    let mut ledger = Command::new(env!("CARGO_BIN_EXE_ledger"));
    ledger.args(arguments).kill_on_drop(true).stdin(Stdio::null());
    let ended = tokio::time::timeout(PATIENCE, ledger.output()).await;
    let ended = ended.expect("it ends in time").expect("it runs");
    let told = String::from_utf8_lossy(&ended.stdout);
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{told}{errors}");
    assert!(told.contains("published once and in order"), "{told}");
}

#[tokio::test]
async fn killed_at_any_step_each_committed_event_is_published_once_in_sqlite() {
    ledger(&["--seeds", "10", "--at-once", "3"]).await;
}

#[tokio::test]
async fn killed_at_any_step_each_committed_event_is_published_once_in_postgres() {
    ledger(&["--seeds", "10", "--at-once", "3", "--postgres"]).await;
}

#[tokio::test]
async fn without_the_broker_for_the_middle_third_nothing_is_lost() {
    ledger(&["--outage", "6000"]).await;
}
