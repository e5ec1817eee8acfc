use tidings::event_handler;

#[event_handler]
struct Warehouse;

fn main() {
    let _ = Warehouse;
}
