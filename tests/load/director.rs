//! The run: events as fast as they go, then at a steady rate.

use std::ops::Range;
use std::pin::pin;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tidings::testing::NatsServer;
use tidings::{Config, Subscription as _, Tidings, Timestamp};
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::{CATALOG, courier, tracking};
use tidings_tests::resident::Resident;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::Outcome;
use crate::arguments::Plan;
use crate::figures::{Figures, Flood, Memory, Steady};
use crate::instances::Instances;
use crate::report;

/// Events that show that all instances are there, and that are not counted.
const WARM_UP: u64 = 1_000;
/// Events of the steady part are published in so many portions a second.
const PORTIONS: u64 = 100;
/// Time between two samples of memory.
pub(crate) const SAMPLE: Duration = Duration::from_secs(1);

/// Runs, reports, and says whether each event has arrived and memory is flat.
pub(crate) async fn direct(plan: Plan) -> Outcome<bool> {
    let (_server, url) = server().await?;
    let bus = Tidings::connect(Config::new(url.as_str())).await?;
    bus.ensure(&CATALOG).await?;
    let folder = TempDir::new()?;
    let instances = Instances::start(plan.instances, &url, folder.path())?;
    publish(&bus, 0..WARM_UP).await?;
    rest(&bus).await?;

    let flood = WARM_UP..WARM_UP + plan.events;
    let (begun, began_at) = (Instant::now(), Timestamp::now());
    publish(&bus, flood.clone()).await?;
    let published_in = begun.elapsed();
    rest(&bus).await?;

    let steady = flood.end..flood.end + plan.rate * plan.steady.as_secs();
    let mut memory = vec![Resident::default(); plan.instances];
    let mut own = Resident::default();
    let mut publishing = pin!(at_rate(&bus, steady.clone(), plan.rate));
    let mut clock = interval(SAMPLE);
    loop {
        tokio::select! {
            published = &mut publishing => break published?,
            _ = clock.tick() => {
                instances.sample(&mut memory)?;
                own.sample(std::process::id())?;
            }
        }
    }
    rest(&bus).await?;
    let handled = instances.end().await?;
    bus.close().await?;

    let figures = Figures {
        flood: Flood::of(flood, &handled, published_in, began_at),
        steady: Steady::of(steady, &handled, plan.rate, plan.steady),
        memory: plan.soak.then_some(Memory { publisher: own, instances: memory }),
    };
    report::print(&plan, &figures);
    if let Some(path) = &plan.json {
        report::write(path, &plan, &figures)?;
    }
    Ok(figures.lost() == 0 && figures.memory.as_ref().is_none_or(Memory::is_flat))
}

/// One of its own, unless another one is named.
pub(crate) async fn server() -> Outcome<(Option<NatsServer>, String)> {
    if let Some(url) = std::env::var("NATS_URL").ok().filter(|url| !url.is_empty()) {
        return Ok((None, url));
    }
    let server = NatsServer::start().await?;
    let url = server.url().clone();
    Ok((Some(server), url))
}

/// Waits until everything is handled.
async fn rest(bus: &Tidings) -> Outcome {
    Ok(bus.idle(tracking::journey::Subscription::SPEC).await?)
}

/// Publishes as fast as it goes, until each is stored.
async fn publish(bus: &Tidings, steps: Range<u64>) -> Outcome {
    let publisher = courier::Publisher::new(bus).organization("acme");
    let mut receipts = JoinSet::new();
    for step in steps {
        // Waits while too many are on their way.
        receipts.spawn(publisher.parcel_sent(event(step)).enqueue().await?);
        while let Some(stored) = receipts.try_join_next() {
            stored??;
        }
    }
    while let Some(stored) = receipts.join_next().await {
        stored??;
    }
    Ok(())
}

/// Publishes so many a second, in even portions.
async fn at_rate(bus: &Tidings, steps: Range<u64>, rate: u64) -> Outcome {
    let publisher = courier::Publisher::new(bus).organization("acme");
    let mut clock = interval(Duration::from_secs(1) / u32::try_from(PORTIONS)?);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut receipts = JoinSet::new();
    let (mut next, mut ticks) = (steps.start, 0);
    while next < steps.end {
        clock.tick().await;
        ticks += 1;
        let due = steps.end.min(steps.start + ticks * rate / PORTIONS);
        for step in next..due {
            receipts.spawn(publisher.parcel_sent(event(step)).enqueue().await?);
        }
        next = due;
        while let Some(stored) = receipts.try_join_next() {
            stored??;
        }
    }
    while let Some(stored) = receipts.join_next().await {
        stored??;
    }
    Ok(())
}

pub(crate) fn event(step: u64) -> ParcelSent {
    ParcelSent { parcel_id: format!("p-{}", step % 1_000), step }
}
