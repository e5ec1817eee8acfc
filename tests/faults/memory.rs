//! Whether memory stays flat: at full speed for some minutes, and with a handler so slow that everything else waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tidings::testing::NatsServer;
use tidings::{Config, Handled, Tidings};
use tidings_tests::catalog::parcels::{ParcelArrived, ParcelSent};
use tidings_tests::catalog::{courier, tracking};
use tidings_tests::resident::Resident;
use tokio::sync::oneshot;

use crate::{Outcome, topology};

/// How long the slow handler takes for each event.
const SLOW: Duration = Duration::from_secs(5);
/// How long it is watched.
const WATCHED: Duration = Duration::from_secs(30);
/// Time between two samples.
const PAUSE: Duration = Duration::from_millis(500);
/// What is to be measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) span: Duration,
    /// Events that wait for the slow handler.
    pub(crate) waiting: u64,
}

/// Measures, and tells whether memory was flat.
pub(crate) async fn measure(plan: &Plan) -> Outcome<bool> {
    let server = NatsServer::start().await?;
    // One each, as processes would have: on one, settlements would wait behind all that is being published.
    let publisher = Tidings::connect(Config::new(server.url())).await?;
    let bus = Tidings::connect(Config::new(server.url())).await?;
    bus.ensure(&topology::catalog(1)).await?;

    let handled = Arc::new(AtomicU64::new(0));
    let quick = Counter { handled: Arc::clone(&handled), takes: Duration::ZERO };
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(bus.run(tracking::Journey::subscriber(quick)).until(stopped));
    let publishing = publish(&publisher, Until::Time(Instant::now() + plan.span));
    let (published, full_speed) = sampled(publishing).await?;
    let _ = stop.send(());
    running.await??;
    let seconds = plan.span.as_secs_f64();
    let (sent, taken) =
        (published as f64 / seconds, handled.load(Ordering::Relaxed) as f64 / seconds);
    println!(
        "full speed    {published} events in {seconds:.0} s: {sent:.0} a second published, {taken:.0} handled"
    );
    println!("              {full_speed}");

    publish(&publisher, Until::Count(plan.waiting)).await?;
    handled.store(0, Ordering::Relaxed);
    let slow = Counter { handled: Arc::clone(&handled), takes: SLOW };
    let (stop, stopped) = oneshot::channel::<()>();
    let run = bus.run(tracking::Journey::subscriber(slow)).grace(Duration::ZERO);
    let running = tokio::spawn(run.until(stopped));
    let ((), waiting) = sampled(async {
        tokio::time::sleep(WATCHED).await;
        Ok(())
    })
    .await?;
    let lag = bus.lag(topology::Reader::Plain.spec()).await?;
    let _ = stop.send(());
    running.await??;
    let (pending, unsettled) = (lag.pending, lag.unsettled);
    println!("slow handler  {pending} events wait in the stream, {unsettled} in the process");
    println!("              {waiting}");
    let concurrency = u64::try_from(topology::Reader::Plain.spec().concurrency)?;
    Ok(full_speed.is_flat() && waiting.is_flat() && unsettled <= concurrency)
}

struct Counter {
    handled: Arc<AtomicU64>,
    takes: Duration,
}

impl tracking::Journey for Counter {
    async fn parcel_sent(&self, _: ParcelSent, _: &tracking::Context) -> Handled {
        tokio::time::sleep(self.takes).await;
        self.handled.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn parcel_arrived(&self, _: ParcelArrived, _: &tracking::Context) -> Handled {
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Until {
    Time(Instant),
    Count(u64),
}

/// Publishes as fast as it goes, and counts.
async fn publish(bus: &Tidings, until: Until) -> Outcome<u64> {
    let publisher = courier::Publisher::new(bus).organization("acme");
    let mut receipts = tokio::task::JoinSet::new();
    let mut published = 0;
    let goes_on = |published| match until {
        Until::Time(end) => Instant::now() < end,
        Until::Count(count) => published < count,
    };
    while goes_on(published) {
        let event = ParcelSent { parcel_id: format!("p-{}", published % 1000), step: published };
        // Waits while too many are on their way.
        let receipt = publisher.parcel_sent(event).enqueue().await?;
        receipts.spawn(receipt);
        while let Some(stored) = receipts.try_join_next() {
            stored??;
        }
        published += 1;
    }
    while let Some(stored) = receipts.join_next().await {
        stored??;
    }
    Ok(published)
}

/// Samples memory while something goes on.
async fn sampled<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<(T, Resident)> {
    let mut samples = Resident::default();
    let mut work = std::pin::pin!(work);
    let mut clock = tokio::time::interval(PAUSE);
    loop {
        tokio::select! {
            done = &mut work => return Ok((done?, samples)),
            _ = clock.tick() => samples.sample(std::process::id())?,
        }
    }
}
