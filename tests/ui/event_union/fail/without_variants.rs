use tidings::EventUnion;

#[derive(EventUnion)]
enum OrderEvent {}

fn main() {}
