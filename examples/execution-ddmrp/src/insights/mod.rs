//! Those who only listen: `analytics` adds up and remembers, `ai_hub` looks for what is unusual and says what to do.

mod buffer_history;
mod buffer_watch;
mod purchasing;
mod stock_watch;

pub use buffer_history::BufferHistory;
pub use purchasing::Purchasing;
pub use stock_watch::StockWatch;

use tidings::{Run, Tidings};

use crate::journal::Journal;

/// What the listeners have learned. Clones are one.
#[derive(Clone, Default)]
pub struct Insights {
    /// Purchases by supplier.
    pub purchasing: Purchasing,
    /// How the buffers have fared.
    pub buffers: BufferHistory,
    /// Unusual movements of stock.
    pub stock: StockWatch,
}

impl Insights {
    /// The subscriptions of `analytics`, about to run.
    pub fn analytics(&self, bus: &Tidings, journal: &Journal) -> Run {
        bus.run(purchasing::subscriber())
            .and(buffer_history::subscriber())
            .state(self.purchasing.clone())
            .state(self.buffers.clone())
            .state(journal.clone())
    }

    /// The subscriptions of `ai_hub`, about to run.
    pub fn ai_hub(&self, bus: &Tidings, journal: &Journal) -> Run {
        bus.run(stock_watch::subscriber())
            .and(buffer_watch::subscriber())
            .state(self.stock.clone())
            .state(journal.clone())
    }
}
