//! All services of the story in one process, each with its own database and run, as they would be in processes of their own.

use std::path::Path;
use std::time::Duration;

use event_catalog::{ai_hub, analytics, ddmrp, execution};
use tidings::catalog::SubscriptionSpec;
use tidings::outbox::{OutboxError, RelayReport, SqliteOutbox};
use tidings::{Report, Subscription as _, Tidings};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use crate::ddmrp::Ddmrp;
use crate::execution::Execution;
use crate::insights::Insights;
use crate::journal::Journal;

/// How long before an outbox is looked into again.
const PAUSE: Duration = Duration::from_millis(10);
/// How long relayed events are kept, to be counted.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// The subscriptions of the platform.
pub const SUBSCRIPTIONS: &[&SubscriptionSpec] = &[
    execution::catalog_sync::Subscription::SPEC,
    ddmrp::product_settings::Subscription::SPEC,
    ddmrp::supply_and_demand::Subscription::SPEC,
    execution::replenishment::Subscription::SPEC,
    analytics::purchasing::Subscription::SPEC,
    analytics::buffer_history::Subscription::SPEC,
    ai_hub::stock_watch::Subscription::SPEC,
    ai_hub::buffer_watch::Subscription::SPEC,
];

/// The services at work.
pub struct Platform {
    /// The connection that they share.
    pub bus: Tidings,
    /// Buys, sells, and counts the stock.
    pub execution: Execution,
    /// Sizes the buffers and watches them.
    pub ddmrp: Ddmrp,
    /// What the listeners have learned.
    pub insights: Insights,
    /// What all of them have handled.
    pub journal: Journal,
}

impl Platform {
    /// Starts all services, with their databases in this folder.
    ///
    /// # Errors
    /// A database cannot be used, or the broker does not have what the catalog says.
    pub async fn start(bus: &Tidings, folder: &Path) -> anyhow::Result<(Self, Running)> {
        bus.ensure(&event_catalog::CATALOG).await?;
        let platform = Self {
            bus: bus.clone(),
            execution: Execution::open(bus, &folder.join("execution.db")).await?,
            ddmrp: Ddmrp::open(bus, &folder.join("ddmrp.db")).await?,
            insights: Insights::default(),
            journal: Journal::default(),
        };
        let running = Running::begin(&platform);
        Ok((platform, running))
    }

    /// The outboxes of those who publish from their database.
    pub fn outboxes(&self) -> [&SqliteOutbox; 2] {
        [self.execution.outbox(), self.ddmrp.outbox()]
    }

    /// Waits until everything is told and handled, and nothing more comes of it. The services order for each other, so one that
    /// has come to rest may hear of something that another has made of its last word.
    ///
    /// # Errors
    /// A database or the broker fails.
    pub async fn settled(&self) -> anyhow::Result<()> {
        loop {
            let before = self.journal.count();
            while self.waiting().await? > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            for subscription in SUBSCRIPTIONS {
                self.bus.idle(subscription).await?;
            }
            if self.waiting().await? == 0 && self.journal.count() == before {
                return Ok(());
            }
        }
    }

    /// Events that wait in the outboxes.
    async fn waiting(&self) -> Result<u64, OutboxError> {
        let mut waiting = 0;
        for outbox in self.outboxes() {
            waiting += outbox.lag().await?.waiting;
        }
        Ok(waiting)
    }
}

/// The runs and relays of a [`Platform`].
pub struct Running {
    runs: JoinSet<anyhow::Result<Report>>,
    end_of_runs: watch::Sender<()>,
    relays: JoinSet<anyhow::Result<RelayReport>>,
    end_of_relays: watch::Sender<()>,
}

impl Running {
    fn begin(platform: &Platform) -> Self {
        let Platform { bus, execution, ddmrp, insights, journal } = platform;
        let [end_of_runs, end_of_relays] = [(), ()].map(watch::Sender::new);
        let mut runs = JoinSet::new();
        for run in
            [execution.run(bus, journal), ddmrp.run(bus, journal), insights.run(bus, journal)]
        {
            let mut end = end_of_runs.subscribe();
            let run = run.until(async move { _ = end.changed().await });
            runs.spawn(async move { Ok(run.await?) });
        }
        let mut relays = JoinSet::new();
        for outbox in platform.outboxes() {
            let mut end = end_of_relays.subscribe();
            let relay = outbox.relay(bus).keep(KEPT).until(async move { _ = end.changed().await });
            relays.spawn(async move { Ok(relay.await?) });
        }
        Self { runs, end_of_runs, relays, end_of_relays }
    }

    /// Returns when a service has ended that should not have.
    pub async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            Some(ended) = self.runs.join_next() => why(ended),
            Some(ended) = self.relays.join_next() => why(ended),
            else => anyhow::anyhow!("nothing is running"),
        }
    }

    /// Ends all services in good order, the relays last, so that they have what the handlers have left. Says how it went.
    ///
    /// # Errors
    /// A service could not be run to its end.
    pub async fn end(self) -> anyhow::Result<Ending> {
        let Self { mut runs, end_of_runs, mut relays, end_of_relays } = self;
        let mut ending = Ending::default();
        drop(end_of_runs);
        while let Some(run) = runs.join_next().await {
            let report = run??;
            ending.handled += report.handled;
            ending.repeated += report.repeated;
            ending.retried += report.retried;
            ending.dead_lettered += report.dead_lettered;
        }
        drop(end_of_relays);
        while let Some(relay) = relays.join_next().await {
            ending.relayed += relay??.relayed;
        }
        Ok(ending)
    }
}

fn why<T>(ended: Result<anyhow::Result<T>, JoinError>) -> anyhow::Error {
    match ended {
        Ok(Ok(_)) => anyhow::anyhow!("a service has ended by itself"),
        Ok(Err(error)) => error,
        Err(error) => error.into(),
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// Deliveries that were handled.
    pub handled: u64,
    /// Deliveries of what had been handled before.
    pub repeated: u64,
    /// Attempts that failed and were followed by another one.
    pub retried: u64,
    /// Deliveries that went to the dead letters.
    pub dead_lettered: u64,
    /// Events that the outboxes have handed over.
    pub relayed: u64,
}
