//! The five services of the shop, in one process.

use event_catalog::{analytics, inventory, notifications, orders, payments};
use sample_program::{Connections, Running, say};
use tidings::{Report, Service as _, ServiceSpec, Tidings};

use crate::flow;
use crate::inventory::{Allocation, Release, Stock};
use crate::notifications::{Mailer, customer_mail};
use crate::order_book::{self, OrderBook};
use crate::orders::{Database, OrderService, Repository};
use crate::payments::{Collection, PretendProvider};
use crate::samples;
use crate::timeline::Timeline;

/// The services, each with a user of its own where there are users.
pub(crate) const SERVICES: &[&ServiceSpec] = &[
    orders::Service::SPEC,
    inventory::Service::SPEC,
    payments::Service::SPEC,
    notifications::Service::SPEC,
    analytics::Service::SPEC,
];

/// The services, and what they have beside their events.
pub(crate) struct Shop<DB: Database> {
    pub(crate) connections: Connections,
    pub(crate) orders: OrderService<DB>,
    pub(crate) stock: Stock,
    pub(crate) provider: PretendProvider,
    pub(crate) book: OrderBook,
    pub(crate) timeline: Timeline,
}

impl<DB: Database> Shop<DB> {
    /// A shop that has not opened yet.
    pub(crate) async fn new(
        connections: Connections,
        repository: Repository<DB>,
        timeline: Timeline,
    ) -> anyhow::Result<Self> {
        let bus = connections.of(orders::Service::SPEC);
        let orders =
            OrderService::open(bus, samples::ORGANIZATION, repository, timeline.clone()).await?;
        let (stock, provider) = (Stock::new(), PretendProvider::default());
        Ok(Self { connections, orders, stock, provider, book: OrderBook::default(), timeline })
    }

    /// Runs all services while `work` is done. They end in good order after it, or when the process is told to end; with
    /// `stays`, not before the latter.
    pub(crate) async fn run_during<T>(
        &self,
        work: impl Future<Output = anyhow::Result<T>>,
        stays: bool,
    ) -> anyhow::Result<(T, Report)> {
        let mut running = self.open();
        let mut outcome = tokio::select! {
            outcome = work => outcome,
            error = running.failed() => Err(error),
            () = tidings::shutdown_signal() => Err(anyhow::anyhow!("interrupted")),
        };
        if stays && outcome.is_ok() {
            say("Done. The services stay until Ctrl-C.");
            tokio::select! {
                error = running.failed() => outcome = Err(error),
                () = tidings::shutdown_signal() => {}
            }
        }
        let report = running.end().await;
        Ok((outcome?, report?))
    }

    fn open(&self) -> Running {
        let Self { connections, orders, stock, provider, book, timeline } = self;
        let (stock, timeline) = (|| stock.clone(), || timeline.clone());
        let allocation = Allocation { stock: stock(), timeline: timeline() };
        let release = Release { stock: stock(), timeline: timeline() };
        let collection = Collection { provider: provider.clone(), timeline: timeline() };

        let mut running = Running::default();
        running.run(orders.run());
        let bus = connections.of(inventory::Service::SPEC);
        running.run(
            bus.run(inventory::Allocation::subscriber(allocation))
                .and(inventory::Release::subscriber(release)),
        );
        let bus = connections.of(payments::Service::SPEC);
        running.run(bus.run(payments::Collection::subscriber(collection)));
        let bus = connections.of(notifications::Service::SPEC);
        running.run(bus.run(customer_mail()).state(Mailer::new(timeline())));
        let bus = connections.of(analytics::Service::SPEC);
        running.run(bus.run(order_book::subscriber()).state(book.clone()));
        running.behind(|end| orders.relay().until(end));
        running
    }

    /// Waits until all services have come to rest: nothing is left to be relayed or handled.
    pub(crate) async fn settled(&self) -> anyhow::Result<()> {
        for subscription in flow::ALL {
            // What the subscriptions before it led to is on its way by then.
            self.orders.outbox().idle().await?;
            flow::settled(self.operator(), &[subscription]).await?;
        }
        Ok(())
    }

    /// The connection of whoever looks at all services.
    pub(crate) fn operator(&self) -> &Tidings {
        self.connections.operator()
    }
}
