//! The four services, in one process.

use event_catalog::{inventory, orders, payments};
use tidings::{Run, Tidings};

use crate::inventory::Allocation;
use crate::notifications::{self, Mailer};
use crate::orders::OrderService;
use crate::payments::Collection;
use crate::timeline::Timeline;

/// All handlers, about to run.
pub(crate) fn run(bus: &Tidings, orders: &OrderService, timeline: &Timeline) -> Run {
    bus.run(inventory::Allocation::subscriber(Allocation::new(timeline.clone())))
        .and(orders::Reservation::subscriber(orders.reservation()))
        .and(payments::Collection::subscriber(Collection::new(timeline.clone())))
        .and(orders::Fulfilment::subscriber(orders.fulfilment()))
        .and(notifications::customer_mail())
        .state(Mailer::new(timeline.clone()))
}
