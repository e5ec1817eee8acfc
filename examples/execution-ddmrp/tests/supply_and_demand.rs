//! The planning service: given what has happened, when something happens, then this is said of the buffer.

use event_catalog::catalog::{self, ProductUpdated};
use event_catalog::ddmrp::BufferAlertTriggeredKind as Kind;
use event_catalog::execution::{
    InventoryUpdated, InventoryUpdatedCause, InventoryUpdatedCauseAdjustmentReason,
    PurchaseOrderCreated, PurchaseOrderReceived, SalesOrderCreated, SalesOrderCreatedPriority,
    SalesOrderShipped,
};
use event_catalog::types::{BufferZone, Money, NetFlow, OrderLine, ProductQuantity};
use execution_ddmrp::calendar::days_after;
use execution_ddmrp::ddmrp::net_flow::net_flow;
use execution_ddmrp::samples::{self, MONDAY, TUESDAY, WAREHOUSE};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use tidings::Uuid;
use tidings::testing::{self, Fault};

use crate::stage::{ORGANIZATION, Said, Stage};

impl Stage {
    fn line(&self, quantity: u64) -> OrderLine {
        let unit_price = euros(689);
        let sku = "MUG-BLUE-350".to_owned();
        OrderLine { line_number: 1, product_id: self.mug, sku, quantity, unit_price }
    }

    /// A customer orders mugs for a day.
    fn sale(&self, sales_order_id: Uuid, quantity: u64, in_days: u64) -> SalesOrderCreated {
        let (customer_id, ship_to) = samples::customer();
        SalesOrderCreated {
            sales_order_id,
            number: "SO-2026-00001".to_owned(),
            customer_id,
            warehouse: WAREHOUSE.to_owned(),
            lines: vec![self.line(quantity)],
            total: euros(689 * quantity),
            due_on: days_after(MONDAY, in_days),
            priority: SalesOrderCreatedPriority::Normal,
            ship_to,
        }
    }

    fn shipment(&self, sales_order_id: Uuid, quantity: u64, complete: bool) -> SalesOrderShipped {
        SalesOrderShipped {
            sales_order_id,
            shipment_id: Uuid::now_v7(),
            warehouse: WAREHOUSE.to_owned(),
            items: vec![ProductQuantity { product_id: self.mug, quantity }],
            complete,
            tracking: None,
        }
    }

    fn purchase(&self, purchase_order_id: Uuid, quantity: u64) -> PurchaseOrderCreated {
        PurchaseOrderCreated {
            purchase_order_id,
            number: "PO-2026-00001".to_owned(),
            supplier_id: Uuid::now_v7(),
            warehouse: WAREHOUSE.to_owned(),
            lines: vec![self.line(quantity)],
            total: euros(412 * quantity),
            expected_on: days_after(MONDAY, 10),
            alert_id: None,
        }
    }

    fn delivery(
        &self,
        purchase_order_id: Uuid,
        quantity: u64,
        complete: bool,
    ) -> PurchaseOrderReceived {
        PurchaseOrderReceived {
            purchase_order_id,
            receipt_id: Uuid::now_v7(),
            warehouse: WAREHOUSE.to_owned(),
            items: vec![ProductQuantity { product_id: self.mug, quantity }],
            complete,
            delivery_note: None,
        }
    }

    fn movement(
        &self,
        change: i64,
        on_hand: u64,
        cause: InventoryUpdatedCause,
    ) -> InventoryUpdated {
        InventoryUpdated {
            movement_id: Uuid::now_v7(),
            product_id: self.mug,
            warehouse: WAREHOUSE.to_owned(),
            change,
            on_hand,
            cause,
        }
    }

    /// Somebody has counted the mugs.
    pub(crate) fn count(&self, on_hand: u64) -> InventoryUpdated {
        let reason = InventoryUpdatedCauseAdjustmentReason::Count;
        let cause = InventoryUpdatedCause::Adjustment { reason, note: None };
        self.movement(on_hand.cast_signed(), on_hand, cause)
    }

    async fn flow(&self) -> NetFlow {
        let board = self.ddmrp.board(ORGANIZATION).await.expect("readable");
        board.first().expect("a buffer").net_flow.clone()
    }
}

fn euros(amount_minor: u64) -> Money {
    Money { amount_minor, currency: "EUR".to_owned() }
}

#[tokio::test]
async fn a_new_buffer_is_told_with_its_size() {
    let stage = Stage::with_a_buffer().await;
    let said = stage.caused_by(None).await;
    let [Said::Calculated(buffer)] = &said[..] else { panic!("{said:?}") };
    assert_eq!((buffer.zones.red, buffer.zones.yellow, buffer.zones.green), (298, 425, 300));
    assert_eq!((buffer.zone, buffer.recommended_quantity), (BufferZone::Green, 0));
}

#[tokio::test]
async fn an_order_that_takes_the_buffer_out_of_green_is_an_alert() {
    let stage = Stage::with_a_buffer().await;
    let said = stage.when(stage.sale(Uuid::now_v7(), 270, 0)).await;
    let [Said::StatusChanged(change), Said::Alert(alert)] = &said[..] else { panic!("{said:?}") };
    assert_eq!((change.previous_zone, change.zone), (BufferZone::Green, BufferZone::Yellow));
    assert_eq!(change.net_flow, net_flow(780, 0, 270));
    assert_eq!(alert.kind, Kind::Replenishment);
    assert_eq!(alert.replenishment.as_ref().expect("what to order").quantity, 513);
}

#[tokio::test]
async fn a_purchase_order_brings_the_buffer_back_to_green_before_it_has_come() {
    let stage = Stage::with_a_buffer().await;
    stage.given(stage.sale(Uuid::now_v7(), 270, 0)).await;
    let said = stage.when(stage.purchase(Uuid::now_v7(), 513)).await;
    let [Said::StatusChanged(change)] = &said[..] else { panic!("{said:?}") };
    assert_eq!((change.previous_zone, change.zone), (BufferZone::Yellow, BufferZone::Green));
    assert_eq!(change.percent_of_green, 100.0);
}

#[tokio::test]
async fn an_ordinary_order_for_another_day_does_not_count_and_a_spike_does() {
    let stage = Stage::with_a_buffer().await;
    let said = stage.when(stage.sale(Uuid::now_v7(), 120, 3)).await;
    assert!(said.is_empty(), "{said:?}");
    assert_eq!(stage.flow().await.qualified_demand, 0);
    let said = stage.when(stage.sale(Uuid::now_v7(), 60, 3)).await;
    assert!(matches!(said[..], [Said::StatusChanged(_), Said::Alert(_)]), "{said:?}");
    assert_eq!(stage.flow().await, net_flow(780, 0, 180), "all of the day is the spike");
}

/// Between an order's events and those of the stock, nothing may look as if stock had vanished or come from nowhere.
#[tokio::test]
async fn a_delivery_is_on_order_until_the_stock_has_it_whichever_is_told_first() {
    let stage = Stage::with_a_buffer().await;
    for stock_first in [false, true] {
        let before = stage.flow().await.on_hand;
        let purchase_order_id = Uuid::now_v7();
        stage.given(stage.purchase(purchase_order_id, 100)).await;
        let cause = InventoryUpdatedCause::Receipt { purchase_order_id };
        let booked = stage.movement(100, before + 100, cause);
        let received = stage.delivery(purchase_order_id, 100, true);
        if stock_first {
            stage.given(booked).await;
            assert_eq!(stage.flow().await, net_flow(before + 100, 0, 0));
            stage.given(received).await;
        } else {
            stage.given(received).await;
            assert_eq!(stage.flow().await, net_flow(before, 100, 0), "it is on the ramp");
            stage.given(booked).await;
        }
        assert_eq!(stage.flow().await, net_flow(before + 100, 0, 0));
    }
}

#[tokio::test]
async fn what_a_supplier_does_not_deliver_is_on_order_no_longer() {
    let stage = Stage::with_a_buffer().await;
    let order = Uuid::now_v7();
    let cause = || InventoryUpdatedCause::Receipt { purchase_order_id: order };
    stage.given(stage.purchase(order, 100)).await;
    stage.given(stage.delivery(order, 40, false)).await;
    stage.given(stage.movement(40, 820, cause())).await;
    assert_eq!(stage.flow().await, net_flow(820, 60, 0), "the rest is to come");
    stage.given(stage.delivery(order, 50, true)).await;
    stage.given(stage.movement(50, 870, cause())).await;
    assert_eq!(stage.flow().await, net_flow(870, 0, 0));
}

#[tokio::test]
async fn a_parcel_that_leaves_takes_its_demand_with_it() {
    let stage = Stage::with_a_buffer().await;
    let order = Uuid::now_v7();
    stage.given(stage.sale(order, 50, 0)).await;
    assert_eq!(stage.flow().await, net_flow(780, 0, 50));
    stage.given(stage.shipment(order, 50, true)).await;
    let cause = InventoryUpdatedCause::Shipment { sales_order_id: order };
    let said = stage.when(stage.movement(-50, 730, cause)).await;
    assert_eq!(stage.flow().await, net_flow(730, 0, 0));
    assert!(said.is_empty(), "the position is what it was: {said:?}");
}

#[tokio::test]
async fn usage_sizes_the_buffer_of_the_next_day() {
    let stage = Stage::with_a_buffer().await;
    let order = Uuid::now_v7();
    stage.given(stage.sale(order, 270, 0)).await;
    stage.given(stage.shipment(order, 270, true)).await;
    let cause = InventoryUpdatedCause::Shipment { sales_order_id: order };
    stage.given(stage.movement(-270, 510, cause)).await;
    stage.ddmrp.plan(ORGANIZATION, TUESDAY).await.expect("planned");
    stage.handle().await;
    let said = stage.caused_by(None).await;
    let [Said::Calculated(_), Said::Calculated(tuesday)] = &said[..] else { panic!("{said:?}") };
    assert_eq!((tuesday.planned_on, tuesday.average_daily_usage), (TUESDAY, 53.875));
}

#[tokio::test]
async fn another_lead_time_sizes_the_buffer_at_once() {
    let stage = Stage::with_a_buffer().await;
    let mut product = samples::mug(Uuid::now_v7()).product;
    product.lead_time_days = 20;
    let changed = vec!["lead_time_days".to_owned()];
    let updated = ProductUpdated { product_id: stage.mug, product, changed };
    let catalog = catalog::Publisher::new(&stage.bus).organization(ORGANIZATION);
    let cause = catalog.product_updated(updated).await.expect("stored").id;
    stage.handle().await;
    let said = stage.caused_by(Some(&cause)).await;
    let [Said::Calculated(buffer), Said::StatusChanged(change), Said::Alert(_)] = &said[..] else {
        panic!("{said:?}")
    };
    assert_eq!((buffer.decoupled_lead_time_days, buffer.zones.red), (20, 595));
    assert_eq!(change.zone, BufferZone::Yellow);
}

#[tokio::test]
async fn an_order_that_comes_twice_is_booked_once() {
    let stage = Stage::with_a_buffer().await;
    stage.faults.inject(Fault::DeliveryDuplicated);
    let report = stage.given(stage.sale(Uuid::now_v7(), 270, 0)).await;
    assert_eq!((report.handled, report.repeated), (1, 1));
    assert_eq!(stage.flow().await, net_flow(780, 0, 270));
}

#[tokio::test]
async fn what_is_not_buffered_is_booked_all_the_same() {
    let stage = Stage::empty().await;
    let said = stage.when(stage.count(780)).await;
    assert!(said.is_empty(), "{said:?}");
    let profile = samples::mug(Uuid::now_v7()).profile;
    let opening = stage.ddmrp.open_buffer(ORGANIZATION, stage.mug, WAREHOUSE, profile, MONDAY);
    opening.await.expect("a buffer");
    assert_eq!(stage.flow().await, net_flow(780, 0, 0));
}

/// Events that nobody thought of: no product in them is known, and some are in them twice.
#[tokio::test]
async fn whatever_may_be_ordered_is_booked() {
    let stage = Stage::empty().await;
    let (sales, mut runner) = (testing::any::<SalesOrderCreated>(), TestRunner::deterministic());
    for _ in 0..8 {
        let sale = sales.new_tree(&mut runner).expect("an order").current();
        assert_eq!(stage.given(sale).await.handled, 1);
    }
}
