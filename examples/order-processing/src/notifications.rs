//! The notification service: writes to customers.

use event_catalog::notifications::{self, customer_mail};
use event_catalog::orders::OrderStatusChanged;
use event_catalog::types::OrderStatus;
use tidings::{Handled, State, Subscriber, event_handler};

use crate::timeline::Timeline;

/// Sends mail; here it only tells of it.
#[derive(Clone)]
pub(crate) struct Mailer {
    timeline: Timeline,
}

impl Mailer {
    pub(crate) fn new(timeline: Timeline) -> Self {
        Self { timeline }
    }
}

/// The subscription with its one function. It wants a [`Mailer`] as its state.
pub(crate) fn customer_mail() -> Subscriber {
    customer_mail::Handlers { order_status_changed: mail }.subscriber()
}

/// Mails the customer at every step of an order.
#[event_handler(customer_mail)]
async fn mail(
    change: OrderStatusChanged,
    cx: notifications::Context,
    State(mailer): State<Mailer>,
) -> Handled {
    let subject = subject(&change);
    mailer.timeline.tell(&cx, change.order_id, format_args!("mail: “{subject}”"));
    Ok(())
}

fn subject(change: &OrderStatusChanged) -> String {
    match (change.status, &change.reason, &change.tracking) {
        (OrderStatus::Pending, ..) => "We have your order".to_owned(),
        (OrderStatus::Allocated, ..) => "Your order is being packed".to_owned(),
        (OrderStatus::Paid, ..) => "Thank you for your payment".to_owned(),
        (OrderStatus::Shipped, _, Some(tracking)) => {
            format!("Your parcel is on its way: {} {}", tracking.carrier, tracking.number)
        }
        (OrderStatus::Shipped, ..) => "Your parcel is on its way".to_owned(),
        (OrderStatus::Delivered, ..) => "Your parcel has arrived".to_owned(),
        (OrderStatus::Cancelled, Some(reason), _) => format!("Your order was cancelled. {reason}"),
        (OrderStatus::Cancelled, ..) => "Your order was cancelled".to_owned(),
    }
}
