//! Several relays of one outbox, and relays that die.

use std::collections::HashMap;
use std::time::Duration;

use tidings::Dialect;
use tidings::outbox::Outbox;

use super::{Ground, Relaying, on_all_grounds, stored};
use crate::fixture::{courier, sent, until};

on_all_grounds!(
    relays_share_the_work_and_do_nothing_twice,
    what_a_dead_relay_had_is_taken_over,
    relayed_rows_are_kept_for_as_long_as_asked_for,
    rows_go_in_groups_and_stay_in_order,
);

const LEASE: Duration = Duration::from_millis(900);

/// Events of many keys in transactions of some.
async fn fill<DB: Dialect>(ground: &Ground<DB>, steps: std::ops::Range<u64>) {
    let publisher = courier(&ground.bus);
    for step in steps {
        let mut transaction = ground.pool.begin().await.expect("begun");
        for key in 0..50 {
            let event = publisher.parcel_sent(sent(&format!("p-{key}"), step));
            ground.outbox.publish(&mut transaction, event).await.expect("written");
        }
        transaction.commit().await.expect("committed");
    }
}

async fn assert_in_order<DB: Dialect>(ground: &Ground<DB>, steps: u64) {
    let mut next: HashMap<String, u64> = HashMap::new();
    for seen in stored(&ground.bus).await {
        let expected = next.entry(seen.parcel).or_default();
        assert_eq!(seen.step, *expected);
        *expected += 1;
    }
    assert!(next.len() == 50 && next.values().all(|count| *count == steps));
}

async fn relays_share_the_work_and_do_nothing_twice<DB: Dialect>(ground: Ground<DB>) {
    // Long enough for a machine with much to do: a relay that is late for its lease does work twice.
    let lease = Duration::from_secs(6);
    let relay =
        || Relaying::start(Outbox::new(ground.pool.clone()).relay(&ground.bus).lease(lease));
    let relays = [relay(), relay(), relay()];
    fill(&ground, 0..5).await;
    until("each has its share", async || {
        let shares = "SELECT count(*) FROM (SELECT owner FROM tidings_outbox_shard WHERE owner IS NOT NULL \
                      GROUP BY owner HAVING count(*) BETWEEN 4 AND 6) AS shares";
        ground.number(shares).await == 3
    })
    .await;
    fill(&ground, 5..30).await;
    ground.drained().await;
    let mut reports = Vec::new();
    for relay in relays {
        reports.push(relay.stop().await);
    }
    let relayed: u64 = reports.iter().map(|report| report.relayed).sum();
    let known: u64 = reports.iter().map(|report| report.known).sum();
    assert_eq!((relayed, known), (50 * 30, 0), "{reports:?}");
    assert!(reports.iter().all(|report| report.relayed > 0), "{reports:?}");
    assert_in_order(&ground, 30).await;
}

async fn what_a_dead_relay_had_is_taken_over<DB: Dialect>(ground: Ground<DB>) {
    let relay = || Relaying::start(ground.outbox.relay(&ground.bus).lease(LEASE));
    let first = relay();
    fill(&ground, 0..1).await;
    ground.drained().await;
    let mut steps = 1;
    let mut last = first;
    for _ in 0..5 {
        fill(&ground, steps..steps + 4).await;
        steps += 4;
        last.die().await;
        last = relay();
    }
    ground.drained().await;
    last.stop().await;
    assert_in_order(&ground, steps).await;
}

async fn relayed_rows_are_kept_for_as_long_as_asked_for<DB: Dialect>(ground: Ground<DB>) {
    let count = async || ground.outbox.kept().await.expect("readable");
    let long = Relaying::start(ground.outbox.relay(&ground.bus).keep(super::ground::NEVER));
    fill(&ground, 0..2).await;
    ground.drained().await;
    long.stop().await;
    assert_eq!(count().await, 100);
    let short = Relaying::start(ground.outbox.relay(&ground.bus).keep(Duration::ZERO));
    until("they are removed", async || count().await == 0).await;
    short.stop().await;
    assert_in_order(&ground, 2).await;

    let long = Relaying::start(ground.outbox.relay(&ground.bus).keep(super::ground::NEVER));
    fill(&ground, 2..3).await;
    ground.drained().await;
    long.stop().await;
    assert_eq!(count().await, 50);
    let none = Relaying::start(ground.outbox.relay(&ground.bus));
    until("what an earlier one has kept is removed", async || count().await == 0).await;
    none.stop().await;
}

async fn rows_go_in_groups_and_stay_in_order<DB: Dialect>(mut ground: Ground<DB>) {
    ground.bus.set_group_commit(true);
    fill(&ground, 0..10).await;
    let relay = Relaying::start(ground.outbox.relay(&ground.bus));
    ground.drained().await;
    fill(&ground, 10..20).await;
    ground.broker.leave();
    fill(&ground, 20..30).await;
    ground.broker.come_back().await;
    ground.drained().await;
    let report = relay.stop().await;
    assert_eq!((report.relayed, report.dead, report.left), (1500, 0, Some(0)));
    assert_in_order(&ground, 30).await;
}
