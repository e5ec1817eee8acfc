//! The analytics service: knows every order and how far it is, from nothing but the events.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use event_catalog::analytics::order_book;
use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use event_catalog::types::OrderStatus;
use tidings::{EventUnion, Handled, State, Subscriber, Uuid, event_handler};

use crate::money::euros;
use crate::timeline::short;

/// Every event of an order.
#[derive(EventUnion)]
pub(crate) enum OrderEvent {
    Created(Box<OrderCreated>),
    StatusChanged(OrderStatusChanged),
}

/// The orders as their events tell of them. Clones are one book.
#[derive(Clone, Default)]
pub(crate) struct OrderBook(Arc<Mutex<BTreeMap<Uuid, Entry>>>);

struct Entry {
    total: String,
    status: OrderStatus,
}

impl OrderBook {
    /// Applies an event. A repeated one changes nothing, and an order's events come in their order.
    fn apply(&self, event: OrderEvent) {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            OrderEvent::Created(order) => {
                let entry = Entry { total: euros(&order.total), status: OrderStatus::Pending };
                orders.entry(order.order_id).or_insert(entry);
            }
            OrderEvent::StatusChanged(change) => {
                if let Some(entry) = orders.get_mut(&change.order_id) {
                    entry.status = change.status;
                }
            }
        }
    }
}

impl fmt::Display for OrderBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        orders.iter().try_for_each(|(order_id, Entry { total, status })| {
            writeln!(f, "  {}  {total:>12}  {status}", short(*order_id))
        })
    }
}

/// The subscription, all of whose events go to one function. It wants an [`OrderBook`] as its state.
pub(crate) fn subscriber() -> Subscriber {
    order_book::Handlers::all(record).subscriber()
}

/// Records what happened to an order.
#[event_handler(order_book)]
async fn record(event: OrderEvent, State(book): State<OrderBook>) -> Handled {
    book.apply(event);
    Ok(())
}
