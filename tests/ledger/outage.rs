//! The broker is down for the middle third of a run.

use std::time::Instant;

use tidings::outbox::Outbox;
use tidings::testing::NatsServer;
use tidings::{Config, Tidings};
use tidings_tests::catalog::{CATALOG, courier, parcels::ParcelSent};
use tokio::sync::oneshot;

use super::{Outcome, director};

/// Events of one transaction.
const TOGETHER: u64 = 500;
/// Keys.
const PARCELS: u64 = 1000;

pub(crate) async fn run(events: u64) -> Outcome<bool> {
    let mut server = NatsServer::start().await?;
    let bus = Tidings::connect(Config::new(server.url())).await?;
    bus.ensure(&CATALOG).await?;
    let folder = tempfile::tempdir()?;
    let outbox = Outbox::file(folder.path().join("outbox.db")).await?;
    let publisher = courier::Publisher::new(&bus).organization("acme");
    let (end, ended) = oneshot::channel::<()>();
    let relay = tokio::spawn(outbox.relay(&bus).until(ended));
    let begun = Instant::now();
    let mut number = 0;
    let mut is_down = false;
    while number < events {
        if !is_down && number >= events / 3 && number < 2 * events / 3 {
            server.kill()?;
            is_down = true;
        }
        if is_down && number >= 2 * events / 3 {
            server.restart().await?;
            is_down = false;
        }
        let mut transaction = outbox.pool().begin().await?;
        for _ in 0..TOGETHER.min(events - number) {
            let (parcel_id, step) = (format!("p-{}", number % PARCELS), number / PARCELS);
            let event = publisher.parcel_sent(ParcelSent { parcel_id, step });
            outbox.publish(&mut transaction, event).await?;
            number += 1;
        }
        transaction.commit().await?;
    }
    let stored = begun.elapsed();
    let backlog = outbox.lag().await?.waiting;
    let draining = Instant::now();
    while outbox.lag().await?.waiting > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let drained = draining.elapsed();
    drop(end);
    let report = relay.await??;
    let rate = backlog as f64 / drained.as_secs_f64();
    println!("{events} events stored in {stored:.1?}, the broker down for the middle third");
    println!("{backlog} left then, relayed in {drained:.1?}: {rate:.0} a second");
    println!("{report:?}");
    let published = director::published(&bus).await?;
    let is_whole = (0..events.min(PARCELS)).all(|parcel| {
        let steps = (events - parcel).div_ceil(PARCELS);
        published.get(&format!("p-{parcel}")).is_some_and(|seen| seen.iter().copied().eq(0..steps))
    });
    println!("{}", if is_whole { "each was published once and in order" } else { "BROKEN" });
    Ok(is_whole)
}
