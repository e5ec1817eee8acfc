//! Given an order, when this event arrives, then this is its status and this is told.

use event_catalog::inventory::{self, InventoryAllocated};
use event_catalog::orders::{self, OrderStatusChanged};
use event_catalog::payments::v2::{PaymentProcessedDeclineReason, PaymentProcessedStatus};
use event_catalog::payments::{self, PaymentProcessed};
use event_catalog::types::OrderStatus;
use sqlx::Sqlite;
use tidings::testing::{self as fixtures, Fault, Faults, example};
use tidings::{Report, Subscription as _, Tidings, Uuid};

use super::{OrderService, Repository};
use crate::timeline::Timeline;
use crate::{samples, testing};

/// The order service on a broker and a database of its own, with an order.
struct Stage {
    bus: Tidings,
    faults: Faults,
    service: OrderService<Sqlite>,
    order_id: Uuid,
}

impl Stage {
    async fn with_an_order() -> Self {
        let (bus, faults) = fixtures::embedded();
        testing::prepare(&bus).await;
        let repository = Repository::sqlite(None).await.expect("a database");
        let service =
            OrderService::open(&bus, samples::ORGANIZATION, repository, Timeline::quiet());
        let service = service.await.expect("a service");
        let order = samples::mugs();
        let order_id = order.order_id;
        service.place(order).await.expect("taken in");
        Self { bus, faults, service, order_id }
    }

    async fn stock_is_allocated(&self) {
        let publisher = inventory::Publisher::new(&self.bus).organization(samples::ORGANIZATION);
        let stock = InventoryAllocated { order_id: self.order_id, ..example() };
        publisher.inventory_allocated(stock).await.expect("stored");
    }

    async fn payment_is(
        &self,
        status: PaymentProcessedStatus,
        decline_reason: Option<PaymentProcessedDeclineReason>,
    ) {
        let publisher = payments::Publisher::new(&self.bus).organization(samples::ORGANIZATION);
        let payment =
            PaymentProcessed { order_id: self.order_id, status, decline_reason, ..example() };
        publisher.payment_processed(payment).await.expect("stored");
    }

    /// Handles what there is, and tells what has come of it.
    async fn handled(&self) -> Report {
        let idle = async {
            self.bus.idle(orders::reservation::Subscription::SPEC).await.expect("idle");
            self.bus.idle(orders::fulfilment::Subscription::SPEC).await.expect("idle");
        };
        let report = self.service.run().until(idle).await.expect("it ends well");
        let told = async { self.service.outbox().idle().await.expect("readable") };
        self.service.relay().until(told).await.expect("it ends well");
        report
    }

    /// The order's way, as it was told.
    async fn told(&self) -> Vec<OrderStatus> {
        let changes = testing::published::<OrderStatusChanged>(&self.bus).await;
        changes.into_iter().map(|change| change.status).collect()
    }
}

#[tokio::test]
async fn an_order_goes_from_its_stock_to_its_payment() {
    let stage = Stage::with_an_order().await;
    stage.stock_is_allocated().await;
    stage.handled().await;
    stage.payment_is(PaymentProcessedStatus::Succeeded, None).await;
    stage.handled().await;
    assert_eq!(stage.told().await, [OrderStatus::Allocated, OrderStatus::Paid]);
}

#[tokio::test]
async fn a_payment_that_is_declined_cancels_the_order_and_tells_why() {
    let stage = Stage::with_an_order().await;
    stage.stock_is_allocated().await;
    stage.handled().await;
    let why = Some(PaymentProcessedDeclineReason::InsufficientFunds);
    stage.payment_is(PaymentProcessedStatus::Declined, why).await;
    stage.handled().await;
    let changes = testing::published::<OrderStatusChanged>(&stage.bus).await;
    let [_, cancelled] = &changes[..] else { panic!("two changes, not {changes:?}") };
    assert_eq!(cancelled.status, OrderStatus::Cancelled);
    let reason = cancelled.reason.as_deref();
    assert_eq!(reason, Some("The payment was declined: insufficient funds."));
}

#[tokio::test]
async fn stock_that_is_heard_of_after_the_payment_changes_nothing() {
    let stage = Stage::with_an_order().await;
    stage.payment_is(PaymentProcessedStatus::Succeeded, None).await;
    stage.handled().await;
    stage.stock_is_allocated().await;
    assert_eq!(stage.handled().await.handled, 1);
    assert_eq!(stage.told().await, [OrderStatus::Paid]);
}

#[tokio::test]
async fn what_comes_twice_moves_an_order_once() {
    let stage = Stage::with_an_order().await;
    stage.faults.inject(Fault::DeliveryDuplicated);
    stage.payment_is(PaymentProcessedStatus::Succeeded, None).await;
    let report = stage.handled().await;
    assert_eq!((report.handled, report.repeated), (1, 1), "the inbox knew the second");
    assert_eq!(stage.told().await, [OrderStatus::Paid]);
}

#[tokio::test]
async fn a_payment_for_an_order_that_nobody_placed_is_a_dead_letter() {
    let mut stage = Stage::with_an_order().await;
    stage.order_id = Uuid::now_v7();
    stage.payment_is(PaymentProcessedStatus::Succeeded, None).await;
    assert_eq!(stage.handled().await.dead_lettered, 1);
    assert_eq!(stage.told().await, []);
}
