//! Deliveries that are on their way for longer than no time.

use std::time::Duration;

use tokio::time::Instant;

use super::super::clock::after;
use super::Fault;
use crate::broker::Delivery;

/// How long one that is to come behind the next waits for there to be one.
const BEHIND: Duration = Duration::from_millis(100);

/// Deliveries on their way to one pull.
#[derive(Debug, Default)]
pub(in crate::broker::embedded) struct OnTheWay(Vec<Late>);

#[derive(Debug)]
struct Late {
    due: Instant,
    behind_next: bool,
    delivery: Delivery,
}

impl OnTheWay {
    /// A delivery to which a fault happens; it is returned if it arrives all the same, and at once.
    pub(in crate::broker::embedded) fn send(
        &mut self,
        delivery: Delivery,
        fault: Option<Fault>,
    ) -> Option<Delivery> {
        let now = Instant::now();
        let (delay, behind_next) = match fault {
            Some(Fault::DeliveryLost | Fault::DeliveryTerminated | Fault::Disconnect(_)) => {
                return None;
            }
            Some(Fault::DeliveryDelayed(delay)) => (delay, false),
            Some(Fault::DeliveryReordered) => (BEHIND, true),
            _ => {
                for waiting in self.0.iter_mut().filter(|late| late.behind_next) {
                    waiting.due = now;
                }
                return Some(delivery);
            }
        };
        self.0.push(Late { due: after(now, delay), behind_next, delivery });
        None
    }

    /// A delivery that arrives right after the one before it.
    pub(in crate::broker::embedded) fn follow(&mut self, delivery: Delivery) {
        self.0.push(Late { due: Instant::now(), behind_next: false, delivery });
    }

    /// One that arrives by now.
    pub(in crate::broker::embedded) fn arrived(&mut self) -> Option<Delivery> {
        let now = Instant::now();
        let first = self.0.iter().position(|late| late.due <= now)?;
        Some(self.0.remove(first).delivery)
    }

    /// When the next one arrives.
    pub(in crate::broker::embedded) fn next_arrival(&self) -> Option<Instant> {
        self.0.iter().map(|late| late.due).min()
    }

    pub(in crate::broker::embedded) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whatever is on its way is lost, or taken by whoever asks.
    pub(in crate::broker::embedded) fn take(&mut self) -> Vec<Delivery> {
        self.0.drain(..).map(|late| late.delivery).collect()
    }
}
