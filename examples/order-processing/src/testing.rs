//! What the tests of the handlers have in common: a broker of their own, and a look at what was published on it.

use event_catalog::CATALOG;
use tidings::encryption::MemoryKeys;
use tidings::{Event, Tidings};

/// A broker with the catalog's streams and consumers, and keys for what is encrypted in them.
pub(crate) async fn bus() -> Tidings {
    let bus = Tidings::embedded();
    prepare(&bus).await;
    bus
}

pub(crate) async fn prepare(bus: &Tidings) {
    bus.set_keys(MemoryKeys::new());
    bus.ensure(&CATALOG).await.expect("the catalog fits");
}

/// The events of a type, in the order of their stream. What is encrypted in them stays encrypted.
pub(crate) async fn published<E: Event + Send>(bus: &Tidings) -> Vec<E> {
    let mut events = Vec::new();
    let reading = bus.replay(E::SPEC).each_untyped(|_, payload| {
        events.push(serde_json::from_str(&payload).expect("its type"));
        async { Ok(()) }
    });
    reading.await.expect("readable");
    events
}
