use tidings::{Handled, event_handler};

struct OrderPlaced;

#[event_handler]
async fn allocate(order: OrderPlaced) -> Handled {
    let _ = order;
    Ok(())
}

fn main() {}
