//! What verbs need that talk to a server.

pub(crate) mod catalog;
pub(crate) mod connection;
mod context;
mod events;
pub(crate) mod explained;
pub(crate) mod known;
pub(crate) mod moment;
pub(crate) mod progress;
pub(crate) mod runtime;
