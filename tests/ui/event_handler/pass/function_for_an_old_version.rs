#![deny(warnings)]

use event_catalog::orders;
use tidings::{Handled, event_handler};

#[event_handler]
#[expect(deprecated)]
async fn count(order: orders::v1::OrderCreated) -> Handled {
    let _ = order;
    Ok(())
}

pub fn main() {
    let _ = count;
}
