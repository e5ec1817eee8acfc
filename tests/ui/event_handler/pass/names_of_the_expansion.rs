//! Types and variables of the user may be called as those of the expansion are.

use event_catalog::{inventory, orders};
use serde::{Deserialize, Serialize};
use tidings::{Event, State, event_handler};

#[derive(Clone)]
struct Service;

#[derive(Event, Deserialize, Serialize)]
#[event(orders::OrderCreated)]
struct S {
    order_id: String,
}

struct Result;

struct Subscription;

#[event_handler]
async fn event(order: S, State(service): State<Service>) -> tidings::Handled {
    let _ = (order.order_id, service, Result, Subscription);
    Ok(())
}

#[event_handler]
async fn cx(order: S) -> std::fmt::Result {
    let _ = order;
    Ok(())
}

#[event_handler]
async fn states(_: S) -> tidings::Handled {
    Ok(())
}

#[event_handler]
impl inventory::Allocation for Subscription {
    async fn order_created(
        &self,
        __outcome: orders::OrderCreated,
        _: &inventory::Context,
    ) -> std::fmt::Result {
        let _ = __outcome;
        Ok(())
    }
}

pub fn main() {
    let _ = inventory::allocation::Handlers { order_created: event }.subscriber();
    let _ = inventory::allocation::Handlers { order_created: cx }.subscriber();
    let _ = inventory::allocation::Handlers { order_created: states }.subscriber();
    let _ = inventory::Allocation::subscriber(Subscription);
}
