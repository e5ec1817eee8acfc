//! The planning service alone on the embedded broker: given these events, when this one arrives, then these follow.

use event_catalog::CATALOG;
use event_catalog::catalog::{self, ProductCreated};
use event_catalog::ddmrp::{self, BufferAlertTriggered, BufferCalculated, BufferStatusChanged};
use event_catalog::execution;
use execution_ddmrp::ddmrp::Ddmrp;
use execution_ddmrp::journal::Journal;
use execution_ddmrp::samples::{self, MONDAY, WAREHOUSE};
use tempfile::TempDir;
use tidings::testing::{self, Faults};
use tidings::{Event, EventUnion, PublishedBy, Report, Subscription as _, Tidings, Uuid};
use tokio::sync::mpsc;

pub(crate) const ORGANIZATION: &str = "acme";

/// What the planning service says.
#[derive(Debug, EventUnion)]
pub(crate) enum Said {
    Calculated(Box<BufferCalculated>),
    StatusChanged(Box<BufferStatusChanged>),
    Alert(Box<BufferAlertTriggered>),
}

pub(crate) struct Stage {
    pub(crate) bus: Tidings,
    pub(crate) faults: Faults,
    pub(crate) ddmrp: Ddmrp,
    pub(crate) mug: Uuid,
    execution: execution::Publisher,
    _folder: TempDir,
}

impl Stage {
    /// The planning service knows mugs, and has no buffer of them.
    pub(crate) async fn empty() -> Self {
        let (bus, faults) = testing::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let folder = tempfile::tempdir().expect("a folder");
        let ddmrp = Ddmrp::open(&bus, &folder.path().join("ddmrp.db")).await.expect("a database");
        let execution = execution::Publisher::new(&bus).organization(ORGANIZATION);
        let (mug, product) = (Uuid::now_v7(), samples::mug(Uuid::now_v7()).product);
        let catalog = catalog::Publisher::new(&bus).organization(ORGANIZATION);
        let created = ProductCreated { product_id: mug, product };
        catalog.product_created(created).await.expect("stored");
        let stage = Self { bus, faults, ddmrp, mug, execution, _folder: folder };
        stage.handle().await;
        stage
    }

    /// It buffers mugs (red 298, yellow 723, green 1023), of which there are 780.
    pub(crate) async fn with_a_buffer() -> Self {
        let stage = Self::empty().await;
        stage.given(stage.count(780)).await;
        let profile = samples::mug(Uuid::now_v7()).profile;
        let opening = stage.ddmrp.open_buffer(ORGANIZATION, stage.mug, WAREHOUSE, profile, MONDAY);
        opening.await.expect("a buffer");
        stage.relay().await;
        stage
    }

    /// The execution service has published this, and the planning service has handled it.
    pub(crate) async fn given<E>(&self, event: E) -> Report
    where
        E: Event,
        E::Contract: PublishedBy<execution::Service>,
    {
        self.execution.publish(event).await.expect("stored");
        self.handle().await
    }

    /// What follows from an event.
    pub(crate) async fn when<E>(&self, event: E) -> Vec<Said>
    where
        E: Event,
        E::Contract: PublishedBy<execution::Service>,
    {
        let cause = self.execution.publish(event).await.expect("stored").id;
        self.handle().await;
        self.caused_by(Some(&cause)).await
    }

    /// What the planning service has said because of an event, or of a command.
    pub(crate) async fn caused_by(&self, cause: Option<&str>) -> Vec<Said> {
        let (said, mut heard) = mpsc::unbounded_channel();
        let stream = CATALOG.stream(BufferCalculated::SPEC.stream).expect("a stream");
        let reading = self.bus.replay(stream).each(move |event: Said, arrival| {
            if arrival.envelope.causation_id.as_deref() == cause {
                said.send(event).expect("heard");
            }
            async { Ok(()) }
        });
        reading.await.expect("readable");
        std::iter::from_fn(|| heard.try_recv().ok()).collect()
    }

    /// Runs the service until it has nothing to handle and nothing to say.
    pub(crate) async fn handle(&self) -> Report {
        let idle = async {
            for subscription in [
                ddmrp::product_settings::Subscription::SPEC,
                ddmrp::supply_and_demand::Subscription::SPEC,
            ] {
                self.bus.idle(subscription).await.expect("idle");
            }
        };
        let run = self.ddmrp.run(&self.bus, &Journal::default());
        let report = run.until(idle).await.expect("it ends well");
        assert_eq!((report.retried, report.dead_lettered), (0, 0));
        self.relay().await;
        report
    }

    async fn relay(&self) {
        let outbox = self.ddmrp.outbox();
        let told = async { outbox.idle().await.expect("readable") };
        outbox.relay(&self.bus).until(told).await.expect("it ends well");
    }
}
