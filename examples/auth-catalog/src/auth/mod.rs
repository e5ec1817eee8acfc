//! The identity service: accounts, roles and sessions.
//!
//! What it does never fails because of the broker. What others keep a copy of (accounts and roles) is told through an outbox,
//! in the transaction of the change; who came and went is told in the background, where a line may be missing after a crash.

mod accounts;
mod digest;
mod password;
mod service;
mod sessions;

pub use accounts::{Changes, Registration};
pub use digest::Secret;
pub use service::{Auth, AuthError};
