//! One life of a service: it changes its state, tells of it through its outbox, and relays it.

use std::time::Duration;

use fastrand::Rng;
use sqlx::Pool;
use sqlx::postgres::PgPoolOptions;
use tidings::outbox::Outbox;
use tidings::{Config, Tidings};
use tidings_tests::catalog::{courier, parcels::ParcelSent};
use tokio::sync::oneshot;

use super::Outcome;
use super::arguments::Life;
use super::crash::Crash;
use super::director::{LIVES, thaws};
use super::journal::Journal;

/// Transactions of a life that is not killed before.
const TRANSACTIONS: u64 = 40;
/// Keys of a service.
const PARCELS: u64 = 5;
/// What is rolled back has steps from here on.
pub(crate) const NEVER: u64 = 1_000_000;
/// So that the next life has what this one had soon.
const LEASE: Duration = Duration::from_millis(300);

pub(crate) async fn live(life: Life) -> Outcome {
    let bus = Tidings::connect(Config::new(&life.broker)).await?;
    if life.database.starts_with("postgres:") {
        let pool = PgPoolOptions::new().max_connections(4).connect(&life.database).await?;
        let outbox = Outbox::new(pool);
        outbox.migrate().await?;
        work(&life, &outbox, &bus).await
    } else {
        work(&life, &Outbox::file(&life.database).await?, &bus).await
    }
}

async fn work<DB: Journal>(life: &Life, outbox: &Outbox<DB>, bus: &Tidings) -> Outcome {
    let mut random = Rng::with_seed(life.seed * 100 + life.number.unwrap_or(99));
    let note = life.note.clone();
    let crash = match life.number {
        Some(number) if life.only_relays => {
            Crash::of_relay(life.seed * LIVES + number, note, &mut random)
        }
        Some(number) => {
            let may_freeze = thaws(life.seed, &life.database);
            Crash::of_service(life.seed * LIVES + number, may_freeze, note, &mut random)
        }
        None => Crash::never(),
    };
    crash.listen();
    if life.only_relays {
        outbox.relay(bus).lease(LEASE).await?;
        return Ok(());
    }
    DB::create(outbox.pool()).await?;
    let (end, ended) = oneshot::channel::<()>();
    let relay = tokio::spawn(outbox.relay(bus).lease(LEASE).until(ended));
    if life.number.is_some() {
        for number in 0..TRANSACTIONS {
            change(life, number, outbox, bus, &crash, &mut random).await?;
        }
    }
    while outbox.lag().await?.waiting > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(end);
    relay.await??;
    Ok(())
}

/// One transaction of up to four events. Some are rolled back.
async fn change<DB: Journal>(
    life: &Life,
    number: u64,
    outbox: &Outbox<DB>,
    bus: &Tidings,
    crash: &Crash,
    random: &mut Rng,
) -> Outcome {
    let publisher = courier::Publisher::new(bus).organization("acme");
    let pool: &Pool<DB> = outbox.pool();
    let is_kept = random.u8(..5) > 0;
    let first = random.u64(..PARCELS);
    let mut steps = Vec::new();
    for offset in 0..random.u64(1..5) {
        let parcel = format!("{}-{}", life.seed, (first + offset) % PARCELS);
        let step = match is_kept {
            true => DB::steps(pool, &parcel).await?.unsigned_abs(),
            false => NEVER + 1000 * life.number.unwrap_or_default() + number,
        };
        steps.push((parcel, step));
    }
    let mut transaction = pool.begin().await?;
    crash.reached("begun");
    for (parcel_id, step) in steps {
        DB::note(&mut transaction, &parcel_id, step.cast_signed()).await?;
        outbox
            .publish(&mut transaction, publisher.parcel_sent(ParcelSent { parcel_id, step }))
            .await?;
        crash.reached("put in");
    }
    if is_kept {
        transaction.commit().await?;
        crash.reached("committed");
    } else {
        transaction.rollback().await?;
    }
    Ok(())
}
