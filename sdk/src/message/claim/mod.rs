//! Claim checks: where the catalog says so, a payload that is too large for its message lies in the Object Store.
//!
//! The message then has CloudEvents' `dataref` instead of `data`: [`leave`] makes it so, as the last thing before a message
//! is sent, and [`fetch`] undoes it, as the last thing before a handler is called. Each stream has a bucket, and each message
//! an object of its own, so that nothing that becomes of one message takes the payload of another away.

mod fetch;
mod leave;
mod reference;

pub use fetch::PayloadError;
pub(crate) use fetch::{fetch, resolve};
pub(crate) use leave::{Left, is_due, leave, own_claim, remove_all, withdraw};
pub(crate) use reference::{Claim, DATA_REF};

/// The bucket of a stream's large payloads.
fn bucket(stream: &str) -> String {
    format!("{stream}_payloads")
}
