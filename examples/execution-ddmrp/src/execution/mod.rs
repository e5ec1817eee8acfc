//! The execution service: buys, sells, and counts the stock.
//!
//! Each command changes the service's own tables and puts what is to be told into the outbox, in one transaction. So a command
//! takes as long as the disk, whether the broker is there or not.

mod books;
mod catalog_sync;
mod error;
mod purchasing;
mod replenishment;
mod service;
mod stock;

pub use error::ExecutionError;
pub use service::{Execution, Sale, SaleLine};
