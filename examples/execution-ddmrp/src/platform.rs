//! All services of the story in one process, each with its own database and run, as they would be in processes of their own.

use std::path::Path;
use std::time::Duration;

use event_catalog::{CATALOG, ai_hub, analytics, catalog, ddmrp, execution};
use sample_program::{Connections, Running};
use tidings::catalog::SubscriptionSpec;
use tidings::outbox::{OutboxError, SqliteOutbox};
use tidings::{Service as _, ServiceSpec, Subscription as _};

use crate::ddmrp::Ddmrp;
use crate::execution::Execution;
use crate::insights::Insights;
use crate::journal::Journal;

/// How long relayed events are kept, to be counted.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// The services of the platform, and the product catalog beside it.
pub const SERVICES: &[&ServiceSpec] = &[
    catalog::Service::SPEC,
    execution::Service::SPEC,
    ddmrp::Service::SPEC,
    analytics::Service::SPEC,
    ai_hub::Service::SPEC,
];

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
    /// How they reach the broker.
    pub connections: Connections,
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
    pub async fn start(
        connections: &Connections,
        folder: &Path,
    ) -> anyhow::Result<(Self, Running)> {
        connections.operator().topology(&CATALOG).prepare().await?;
        let (buying, planning) =
            (connections.of(execution::Service::SPEC), connections.of(ddmrp::Service::SPEC));
        let platform = Self {
            connections: connections.clone(),
            execution: Execution::open(buying, &folder.join("execution.db")).await?,
            ddmrp: Ddmrp::open(planning, &folder.join("ddmrp.db")).await?,
            insights: Insights::default(),
            journal: Journal::default(),
        };
        let Self { execution, ddmrp, insights, journal, .. } = &platform;
        let mut running = Running::default();
        running.run(execution.run(buying, journal));
        running.run(ddmrp.run(planning, journal));
        running.run(insights.analytics(connections.of(analytics::Service::SPEC), journal));
        running.run(insights.ai_hub(connections.of(ai_hub::Service::SPEC), journal));
        for (outbox, bus) in [(execution.outbox(), buying), (ddmrp.outbox(), planning)] {
            running.behind(|end| outbox.relay(bus).keep(KEPT).until(end));
        }
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
            for outbox in self.outboxes() {
                outbox.idle().await?;
            }
            for subscription in SUBSCRIPTIONS {
                self.connections.operator().idle(subscription).await?;
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
