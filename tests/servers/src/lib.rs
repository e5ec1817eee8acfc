//! Real servers for tests of this workspace, of the examples as well: each is of one test, and ends with it.

pub mod database;
mod permitted;

use std::io;

use tidings::testing::{NatsServer, ServerConfig};

pub use permitted::Permitted;

/// A NATS server with room for the samples' streams, however full the disk is.
///
/// # Errors
/// There is none to start, or it does not answer.
pub async fn roomy() -> io::Result<NatsServer> {
    NatsServer::start_with(room()).await
}

fn room() -> ServerConfig {
    ServerConfig::default().text("jetstream { max_file_store: 1TB }")
}
