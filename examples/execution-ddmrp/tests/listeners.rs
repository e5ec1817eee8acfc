//! Those who only listen, on virtual time: no database is beside them, so waiting takes no time.

use event_catalog::ddmrp::BufferAlertTriggered;
use event_catalog::execution::{
    self, InventoryUpdated, InventoryUpdatedCause, PurchaseOrderCreated,
};
use event_catalog::{CATALOG, ai_hub, analytics, ddmrp};
use execution_ddmrp::insights::Insights;
use execution_ddmrp::journal::Journal;
use sample_program::Running;
use tidings::catalog::SubscriptionSpec;
use tidings::testing::{self, Fault, Faults};
use tidings::{Report, Subscription as _, Tidings, Uuid};
use tokio::sync::mpsc;

struct Stage {
    bus: Tidings,
    faults: Faults,
    insights: Insights,
    journal: Journal,
}

impl Stage {
    async fn new() -> Self {
        let (bus, faults) = testing::embedded();
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        Self { bus, faults, insights: Insights::default(), journal: Journal::default() }
    }

    /// Lets everybody handle what there is for a subscription.
    async fn handle(&self, subscription: &SubscriptionSpec) -> Report {
        let mut running = Running::default();
        running.run(self.insights.analytics(&self.bus, &self.journal));
        running.run(self.insights.ai_hub(&self.bus, &self.journal));
        self.bus.idle(subscription).await.expect("idle");
        running.end().await.expect("it ends well")
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_delivered_again_is_added_once() {
    let stage = Stage::new().await;
    let order: PurchaseOrderCreated = testing::example();
    let publisher = execution::Publisher::new(&stage.bus).organization("acme");
    publisher.purchase_order_created(order.clone()).await.expect("stored");
    stage.faults.inject(Fault::SettlementLost);
    stage.handle(analytics::purchasing::Subscription::SPEC).await;
    assert_eq!(stage.journal.count(), 2, "it came again after the ack wait");
    let by_supplier = stage.insights.purchasing.by_supplier();
    assert_eq!(by_supplier[&order.supplier_id], (1, order.total.amount_minor));
}

#[tokio::test(start_paused = true)]
async fn planners_are_told_what_to_do() {
    let stage = Stage::new().await;
    let (said, mut heard) = mpsc::unbounded_channel();
    stage.journal.read_to(move |service, what| {
        said.send(format!("{service}: {what}")).expect("heard");
    });
    let publisher = ddmrp::Publisher::new(&stage.bus).organization("acme");
    for alert in testing::examples::<BufferAlertTriggered>() {
        stage.journal.call(alert.product_id, "mug");
        publisher.buffer_alert_triggered(alert).await.expect("stored");
        stage.handle(ai_hub::buffer_watch::Subscription::SPEC).await;
    }
    let said: Vec<String> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
    assert_eq!(
        said,
        [
            "ai_hub: mug: high: order 873 today, and expedite what is on its way",
            "ai_hub: mug: low: there is more than the top of green: stop ordering",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_leaves_at_once_is_compared_with_what_left_before() {
    let stage = Stage::new().await;
    let (said, mut heard) = mpsc::unbounded_channel();
    stage.journal.read_to(move |_, what| said.send(what.to_string()).expect("heard"));
    let publisher = execution::Publisher::new(&stage.bus).organization("acme");
    let movement: InventoryUpdated = testing::example();
    stage.journal.call(movement.product_id, "mug");
    for units in [8, 12, 10, 9, 11, 30, 40, 90] {
        let shipment = InventoryUpdated {
            movement_id: Uuid::now_v7(),
            change: -units,
            cause: InventoryUpdatedCause::Shipment { sales_order_id: Uuid::now_v7() },
            ..movement.clone()
        };
        publisher.inventory_updated(shipment).await.expect("stored");
        stage.handle(ai_hub::stock_watch::Subscription::SPEC).await;
    }
    let said: Vec<String> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
    assert_eq!(said, ["mug: 90 left at once, which is unusual"]);
}
