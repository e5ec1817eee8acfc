//! What is asked of the database: its statements, and nothing that decides.

mod dead;
mod lease;
mod rows;

pub(super) use crate::state::sql::within;
pub(super) use dead::{dead, discard, revive};
pub(super) use lease::{Renewal, Renewed, check, release, renew, share};
pub(super) use rows::{Read, Turn, clean, insert, kept, lag, turn};

/// Where it is told that a transaction with events was committed.
pub(super) const CHANNEL: &str = "tidings_outbox";
/// Relayed rows that are removed at once.
pub(super) const SLICE: u64 = 5_000;
