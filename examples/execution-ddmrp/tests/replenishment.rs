//! The execution service: given what the catalog has told, when an alert comes, then a purchase order follows.

use event_catalog::catalog::{self, ProductCreated, SupplierCreated};
use event_catalog::ddmrp::{
    self, BufferAlertTriggered, BufferAlertTriggeredKind as Kind, BufferAlertTriggeredReplenishment,
};
use event_catalog::execution::PurchaseOrderCreated;
use event_catalog::types::ProductQuantity;
use event_catalog::{CATALOG, execution};
use execution_ddmrp::execution::{Execution, ExecutionError};
use execution_ddmrp::journal::Journal;
use execution_ddmrp::samples::{self, MONDAY, WAREHOUSE};
use tempfile::TempDir;
use tidings::testing::{self, Fault, Faults};
use tidings::{BreakerState, Report, Subscription as _, Tidings, Uuid};

const ORGANIZATION: &str = "acme";

struct Stage {
    bus: Tidings,
    faults: Faults,
    execution: Execution,
    catalog: catalog::Publisher,
    mug: Uuid,
    supplier: SupplierCreated,
    _folder: TempDir,
}

impl Stage {
    /// The service knows mugs, and not yet who supplies them.
    async fn without_a_supplier() -> Self {
        let (bus, faults) = testing::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("execution.db");
        let execution = Execution::open(&bus, &path).await.expect("a database");
        let catalog = catalog::Publisher::new(&bus).organization(ORGANIZATION);
        let (mug, supplier) = (Uuid::now_v7(), samples::supplier());
        let product = samples::mug(supplier.supplier_id).product;
        let created = ProductCreated { product_id: mug, product };
        catalog.product_created(created).await.expect("stored");
        let stage = Self { bus, faults, execution, catalog, mug, supplier, _folder: folder };
        stage.handle().await;
        stage
    }

    /// The service knows mugs and their supplier.
    async fn new() -> Self {
        let stage = Self::without_a_supplier().await;
        stage.catalog.supplier_created(stage.supplier.clone()).await.expect("stored");
        stage.handle().await;
        stage
    }

    /// Mugs are short.
    fn alert(&self, kind: Kind) -> BufferAlertTriggered {
        let replenishment =
            (kind == Kind::Replenishment).then_some(BufferAlertTriggeredReplenishment {
                quantity: 513,
                order_by: MONDAY,
                supplier_id: Some(self.supplier.supplier_id),
            });
        BufferAlertTriggered { kind, product_id: self.mug, replenishment, ..testing::example() }
    }

    async fn publish(&self, alert: BufferAlertTriggered) {
        let publisher = ddmrp::Publisher::new(&self.bus).organization(ORGANIZATION);
        publisher.buffer_alert_triggered(alert).await.expect("stored");
    }

    /// Runs the service until it has nothing to handle.
    async fn handle(&self) -> Report {
        let idle = async {
            for subscription in [
                execution::catalog_sync::Subscription::SPEC,
                execution::replenishment::Subscription::SPEC,
            ] {
                self.bus.idle(subscription).await.expect("idle");
            }
        };
        let run = self.execution.run(&self.bus, &Journal::default()).until(idle);
        run.await.expect("it ends well")
    }

    /// Waits until an attempt at an alert has failed.
    async fn has_failed(&self) {
        let subscription = execution::replenishment::Subscription::SPEC;
        while self.bus.breaker(subscription) != Some(BreakerState::Closed { failures: 1 }) {
            tokio::task::yield_now().await;
        }
    }

    async fn orders(&self) -> Vec<PurchaseOrderCreated> {
        self.execution.outstanding(ORGANIZATION).await.expect("readable")
    }
}

#[tokio::test]
async fn an_alert_becomes_an_order_from_the_usual_supplier() {
    let stage = Stage::new().await;
    let alert = stage.alert(Kind::Replenishment);
    stage.publish(alert.clone()).await;
    stage.handle().await;
    let orders = stage.orders().await;
    let [order] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!(order.supplier_id, stage.supplier.supplier_id);
    assert_eq!((order.number.as_str(), order.alert_id), ("PO-2026-00001", Some(alert.alert_id)));
    let line = &order.lines[0];
    assert_eq!((line.product_id, line.quantity), (stage.mug, 513));
    assert_eq!((order.total.amount_minor, order.expected_on.day()), (513 * 412, 12));
    assert_eq!(stage.execution.outbox().lag().await.expect("readable").waiting, 1, "to be told");
}

#[tokio::test]
async fn an_alert_that_comes_twice_is_one_order() {
    let stage = Stage::new().await;
    stage.faults.inject(Fault::DeliveryDuplicated);
    stage.publish(stage.alert(Kind::Replenishment)).await;
    let report = stage.handle().await;
    assert_eq!((report.handled, report.repeated), (1, 1));
    assert_eq!(stage.orders().await.len(), 1);
}

#[tokio::test]
async fn other_alerts_are_nobodys_order() {
    let stage = Stage::new().await;
    stage.publish(stage.alert(Kind::LowOnHand)).await;
    assert_eq!(stage.handle().await.handled, 1);
    assert!(stage.orders().await.is_empty());
}

#[tokio::test]
async fn an_alert_that_is_ahead_of_the_catalog_waits_for_it() {
    let stage = Stage::without_a_supplier().await;
    stage.publish(stage.alert(Kind::Replenishment)).await;
    // Ends with the first attempt, which does not find the supplier.
    let run = stage.execution.run(&stage.bus, &Journal::default()).until(stage.has_failed());
    let report = run.await.expect("it ends well");
    assert_eq!((report.handled, report.handed_back), (0, 1), "it waited for its next attempt");
    stage.catalog.supplier_created(stage.supplier.clone()).await.expect("stored");
    let report = stage.handle().await;
    assert_eq!((report.retried, report.dead_lettered), (0, 0));
    assert_eq!(stage.orders().await.len(), 1);
}

#[tokio::test]
async fn commands_say_why_they_are_not_done() {
    let stage = Stage::without_a_supplier().await;
    let mugs = |quantity| ProductQuantity { product_id: stage.mug, quantity };
    let bought = stage.execution.buy(ORGANIZATION, mugs(300), WAREHOUSE, MONDAY).await;
    assert!(matches!(bought, Err(ExecutionError::UnknownSupplier(_))), "{bought:?}");
    stage.catalog.supplier_created(stage.supplier.clone()).await.expect("stored");
    stage.handle().await;
    let bought = stage.execution.buy(ORGANIZATION, mugs(300), WAREHOUSE, MONDAY).await;
    let order = bought.expect("placed").purchase_order_id;
    stage.execution.receive(ORGANIZATION, order).await.expect("received");
    let again = stage.execution.receive(ORGANIZATION, order).await;
    assert!(matches!(again, Err(ExecutionError::NothingToReceive(_))), "{again:?}");
    let on_hand = stage.execution.on_hand(ORGANIZATION, stage.mug, WAREHOUSE).await;
    assert_eq!(on_hand.expect("readable"), 300);
    // The order, its receipt and what it did to the stock.
    assert_eq!(stage.execution.outbox().lag().await.expect("readable").waiting, 3);
}
