//! What verbs need that talk to a server.

pub(crate) mod catalog;
pub(crate) mod connection;
mod context;
pub(crate) mod runtime;
