//! What most tests need: the fixture catalog, a handler that reports, and a run that can be ended.

use std::sync::Arc;
use std::time::Duration;

use tidings::{Context, Handled, Report, Run, RunError, Service, Tidings};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

pub(crate) use tidings_tests::catalog;
use tidings_tests::catalog::{booth, courier, ledger, pallets, parcels, tolls, tracking};

/// Longer than anything should take; a test that gets there has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A delivery that reached a handler.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) what: &'static str,
    pub(crate) parcel: String,
    pub(crate) step: u64,
    pub(crate) id: String,
    pub(crate) attempt: u64,
    pub(crate) sequence: u64,
    pub(crate) at: Instant,
}

type Answer = std::pin::Pin<Box<dyn Future<Output = Handled> + Send>>;

/// A handler that reports each delivery, and answers as the test wishes.
#[derive(Clone)]
pub(crate) struct Tracker {
    report: mpsc::UnboundedSender<Seen>,
    answer: Arc<dyn Fn(Seen) -> Answer + Send + Sync>,
}

/// Where a [`Tracker`] reports to.
pub(crate) type Sightings = mpsc::UnboundedReceiver<Seen>;

impl Tracker {
    pub(crate) fn new<F, A>(answer: F) -> (Self, Sightings)
    where
        F: Fn(Seen) -> A + Send + Sync + 'static,
        A: Future<Output = Handled> + Send + 'static,
    {
        let (report, sightings) = mpsc::unbounded_channel();
        let answer = Arc::new(move |seen| Box::pin(answer(seen)) as Answer);
        (Self { report, answer }, sightings)
    }

    /// Handles everything.
    pub(crate) fn content() -> (Self, Sightings) {
        Self::new(async |_| Ok(()))
    }

    /// Handles the steps before this one, and each other event when it gets a permit of the gate.
    pub(crate) fn gated(first: u64) -> (Self, Sightings, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let waiting = Arc::clone(&gate);
        let (tracker, sightings) = Self::new(move |seen| {
            let waiting = Arc::clone(&waiting);
            async move {
                if seen.step >= first {
                    waiting.acquire().await?.forget();
                }
                Ok(())
            }
        });
        (tracker, sightings, gate)
    }

    async fn track<S: Service>(
        &self,
        what: &'static str,
        parcel: String,
        step: u64,
        cx: &Context<S>,
    ) -> Handled {
        let seen = Seen {
            what,
            parcel,
            step,
            id: cx.event_id().to_owned(),
            attempt: cx.attempt(),
            sequence: cx.sequence(),
            at: Instant::now(),
        };
        let _ = self.report.send(seen.clone());
        (self.answer)(seen).await
    }
}

impl tracking::Journey for Tracker {
    async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        self.track("sent", event.parcel_id, event.step, cx).await
    }

    async fn parcel_arrived(
        &self,
        event: parcels::ParcelArrived,
        cx: &tracking::Context,
    ) -> Handled {
        self.track("arrived", event.parcel_id, 0, cx).await
    }
}

impl tracking::Patient for Tracker {
    async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        self.track("sent", event.parcel_id, event.step, cx).await
    }
}

impl tracking::InOrder for Tracker {
    async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        self.track("sent", event.parcel_id, event.step, cx).await
    }
}

/// Subscriptions to pallets.
macro_rules! tracks_pallets {
    ($($subscription:ident),+) => {$(
        impl tracking::$subscription for Tracker {
            async fn pallet_moved(
                &self,
                event: pallets::PalletMoved,
                cx: &tracking::Context,
            ) -> Handled {
                self.track("moved", event.pallet_id, event.step, cx).await
            }
        }
    )+};
}

tracks_pallets!(PalletsInOrder, FewPallets, EveryPallet);

impl tracking::Careful for Tracker {
    async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        self.track("sent", event.parcel_id, event.step, cx).await
    }
}

impl tracking::Brief for Tracker {
    async fn parcel_sent(&self, event: parcels::ParcelSent, cx: &tracking::Context) -> Handled {
        self.track("sent", event.parcel_id, event.step, cx).await
    }
}

/// Subscriptions to tolls.
macro_rules! counts_tolls {
    ($($subscription:ident),+) => {$(
        impl ledger::$subscription for Tracker {
            async fn toll_paid(&self, event: tolls::TollPaid, cx: &ledger::Context) -> Handled {
                self.track("paid", event.toll_id, u64::try_from(event.cents)?, cx).await
            }
        }
    )+};
}

counts_tolls!(Entries, Forgetful, Open);

/// A run in the background.
pub(crate) struct Running {
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<Report, RunError>>,
}

impl Running {
    pub(crate) fn start(run: Run) -> Self {
        let (end, ended) = oneshot::channel();
        let ended = async {
            let _ = ended.await;
        };
        let task = tokio::spawn(async move {
            let outcome = run.until(ended).await;
            if let Err(error) = &outcome {
                // Shown where the test fails for it, and nowhere else.
                eprintln!("the run has failed: {error:?}");
            }
            outcome
        });
        Self { end, task }
    }

    pub(crate) async fn stop(self) -> Report {
        let Self { end, task } = self;
        let _ = end.send(());
        ended(task).await.expect("the run ends well")
    }

    pub(crate) async fn failed(self) -> RunError {
        // Dropping the other half would end the run.
        let Self { end: _end, task } = self;
        ended(task).await.expect_err("the run fails")
    }
}

async fn ended(task: JoinHandle<Result<Report, RunError>>) -> Result<Report, RunError> {
    tokio::time::timeout(PATIENCE, task).await.expect("the run ends").expect("no panic")
}

/// The same connection under a prefix.
pub(crate) fn under(bus: &Tidings, prefix: &str) -> Tidings {
    bus.under(prefix.parse().expect("a prefix"))
}

/// A publisher of parcels.
pub(crate) fn courier(bus: &Tidings) -> courier::Publisher {
    courier::Publisher::new(bus).organization("acme")
}

/// A publisher of tolls.
pub(crate) fn booth(bus: &Tidings) -> booth::Publisher {
    booth::Publisher::new(bus).organization("acme")
}

/// A toll of so many cents.
pub(crate) fn paid(toll: &str, cents: u32) -> tolls::TollPaid {
    tolls::TollPaid { toll_id: toll.to_owned(), cents: cents.into() }
}

/// Number `step` of a parcel's events.
pub(crate) fn sent(parcel: &str, step: u64) -> parcels::ParcelSent {
    parcels::ParcelSent { parcel_id: parcel.to_owned(), step }
}

/// Number `step` of a pallet's events.
pub(crate) fn moved(pallet: &str, step: u64) -> pallets::PalletMoved {
    pallets::PalletMoved { pallet_id: pallet.to_owned(), step }
}

/// The next sighting, within [`PATIENCE`].
pub(crate) async fn next<S>(sightings: &mut mpsc::UnboundedReceiver<S>) -> S {
    let seen = tokio::time::timeout(PATIENCE, sightings.recv()).await;
    seen.expect("a delivery in time").expect("the handler lives")
}

/// Waits until something holds, asking again and again.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("never happened: {what}"));
}
