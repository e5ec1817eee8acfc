//! A service's own data in step with its events: stored together, handled once, made of them.

pub mod aggregate;
pub(crate) mod inbox;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub mod outbox;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) mod sql;
