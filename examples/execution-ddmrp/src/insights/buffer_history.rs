use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use event_catalog::analytics::{Context, buffer_history};
use event_catalog::ddmrp::{BufferCalculated, BufferStatusChanged};
use event_catalog::types::BufferZone;
use tidings::{EventUnion, Handled, State, Subscriber, Uuid, event_handler};

use crate::journal::Journal;

/// Whatever is told of a buffer's size and zone.
#[derive(EventUnion)]
enum BufferEvent {
    Calculated(Box<BufferCalculated>),
    StatusChanged(Box<BufferStatusChanged>),
}

/// How often each product's buffer was sized, and which zones it has been in.
#[derive(Clone, Default)]
pub struct BufferHistory(Arc<Mutex<BTreeMap<Uuid, History>>>);

/// What has become of a buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// How often it was sized.
    pub sized: u64,
    /// How often it has entered each zone that it has entered.
    pub entered: BTreeMap<&'static str, u64>,
}

impl BufferHistory {
    /// By product.
    pub fn by_product(&self) -> BTreeMap<Uuid, History> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The subscription, all of whose events go to one function. Its run has a [`BufferHistory`] and a [`Journal`] as states.
pub(super) fn subscriber() -> Subscriber {
    buffer_history::Handlers::all(record).subscriber()
}

#[event_handler(buffer_history)]
async fn record(
    event: BufferEvent,
    cx: Context,
    State(BufferHistory(buffers)): State<BufferHistory>,
    State(journal): State<Journal>,
) -> Handled {
    {
        let mut buffers = buffers.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            BufferEvent::Calculated(buffer) => {
                buffers.entry(buffer.product_id).or_default().sized += 1;
            }
            BufferEvent::StatusChanged(change) => {
                let history = buffers.entry(change.product_id).or_default();
                *history.entered.entry(name(change.zone)).or_default() += 1;
            }
        }
    }
    journal.handled(&cx);
    Ok(())
}

fn name(zone: BufferZone) -> &'static str {
    match zone {
        BufferZone::Red => "red",
        BufferZone::Yellow => "yellow",
        BufferZone::Green => "green",
        BufferZone::OverGreen => "over_green",
    }
}
