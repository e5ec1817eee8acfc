#![deny(warnings)]

use event_catalog::inventory;
use event_catalog::orders::OrderCreated;
use tidings::{Handled, event_handler};

#[event_handler]
#[cfg(not(target_os = "none"))]
async fn allocate(_: OrderCreated) -> Handled {
    Ok(())
}

#[event_handler]
#[cfg(target_os = "none")]
async fn allocate(_: OrderCreated) -> Handled {
    does_not_exist()
}

pub fn main() {
    let _ = inventory::allocation::Handlers { order_created: allocate }.subscriber();
}
