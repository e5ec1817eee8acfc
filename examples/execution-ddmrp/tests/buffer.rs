//! What is told of a buffer, and what is not told again.

use event_catalog::ddmrp::{
    BufferAlertTriggeredKind as Kind, BufferAlertTriggeredSeverity as Severity,
};
use event_catalog::types::BufferZone;
use execution_ddmrp::ddmrp::buffer::{Buffer, Part, Profile, Review, Variability};
use execution_ddmrp::ddmrp::net_flow::net_flow;
use execution_ddmrp::samples::{MONDAY, TUESDAY};
use tidings::{Date, Uuid};

const PART: Part = Part { lead_time_days: 10, minimum_order_quantity: 300, supplier_id: None };

/// A buffer of mugs (red 298, yellow 723, green 1023), which was looked at when it was in green.
fn in_green() -> Buffer {
    let profile = Profile { variability: Variability::Low, order_cycle_days: 7, forecast: 42.5 };
    let mut buffer = Buffer::open(Uuid::now_v7(), "fra1", profile, PART, MONDAY);
    assert_eq!(buffer.review(&net_flow(780, 0, 0)), Review::default(), "its size tells the zone");
    buffer
}

fn kinds(review: &Review) -> Vec<(Kind, Severity)> {
    review.alerts.iter().map(|alert| (alert.kind, alert.severity)).collect()
}

#[test]
fn leaving_green_is_told_with_an_order_up_to_the_top() {
    let mut buffer = in_green();
    let review = buffer.review(&net_flow(780, 0, 270));
    let change = review.status_changed.as_ref().expect("it is in another zone");
    assert_eq!((change.previous_zone, change.zone), (BufferZone::Green, BufferZone::Yellow));
    assert_eq!(change.percent_of_green, 49.9);
    assert_eq!(kinds(&review), [(Kind::Replenishment, Severity::Medium)]);
    let order = review.alerts[0].replenishment.as_ref().expect("what to order");
    // 212 above red are used up after four days and some hours.
    assert_eq!((order.quantity, order.order_by), (513, Date::constant(2026, 3, 6)));
}

#[test]
fn an_open_alert_is_not_told_again_until_it_was_closed() {
    let mut buffer = in_green();
    let first = buffer.review(&net_flow(780, 0, 270));
    assert_eq!(kinds(&first), [(Kind::Replenishment, Severity::Medium)]);
    let redder = buffer.review(&net_flow(510, 0, 270));
    assert!(redder.status_changed.is_some());
    assert_eq!(kinds(&redder), [], "it is the same shortage");
    let ordered = buffer.review(&net_flow(510, 783, 270));
    assert_eq!(ordered.status_changed.expect("back").zone, BufferZone::Green);
    let again = buffer.review(&net_flow(240, 783, 310));
    assert_eq!(kinds(&again), [(Kind::Replenishment, Severity::Medium)]);
    assert_ne!(again.alerts[0].alert_id, first.alerts[0].alert_id);
}

#[test]
fn what_is_on_order_does_not_help_today() {
    let mut buffer = in_green();
    let low = buffer.review(&net_flow(149, 874, 0));
    assert_eq!(kinds(&low), [(Kind::LowOnHand, Severity::High)]);
    assert_eq!(low.alerts[0].replenishment, None);
    assert_eq!(
        kinds(&buffer.review(&net_flow(0, 1023, 0))),
        [(Kind::Stockout, Severity::Critical)]
    );
    assert_eq!(kinds(&buffer.review(&net_flow(1023, 0, 0))), []);
}

#[test]
fn more_is_asked_for_than_there_will_be() {
    let review = in_green().review(&net_flow(200, 0, 260));
    let order = review.alerts[0].replenishment.as_ref().expect("what to order");
    assert_eq!(kinds(&review)[0], (Kind::Replenishment, Severity::Critical));
    assert_eq!((order.quantity, order.order_by), (1083, MONDAY));
}

#[test]
fn too_much_is_told_too() {
    let review = in_green().review(&net_flow(1080, 0, 0));
    assert_eq!(review.status_changed.as_ref().expect("above").zone, BufferZone::OverGreen);
    assert_eq!(kinds(&review), [(Kind::Excess, Severity::Low)]);
}

#[test]
fn a_buffer_that_grows_can_fall_behind_without_a_sale() {
    let mut buffer = in_green();
    assert!(!buffer.set_part(PART), "nothing new");
    assert!(buffer.set_part(Part { lead_time_days: 20, ..PART }));
    let calculated = buffer.calculated(net_flow(780, 0, 0));
    assert_eq!((calculated.zones.red, calculated.zones.yellow), (595, 850));
    assert_eq!((calculated.zone, calculated.recommended_quantity), (BufferZone::Yellow, 1090));
    let review = buffer.review(&net_flow(780, 0, 0));
    assert_eq!(kinds(&review), [(Kind::Replenishment, Severity::Medium)]);
}

#[test]
fn a_new_day_brings_another_usage() {
    let mut buffer = in_green();
    buffer.plan(TUESDAY, 53.875);
    let calculated = buffer.calculated(net_flow(780, 0, 0));
    assert_eq!((calculated.planned_on, calculated.average_daily_usage), (TUESDAY, 53.875));
    assert_eq!((calculated.zones.red, calculated.zones.yellow), (378, 539));
}
