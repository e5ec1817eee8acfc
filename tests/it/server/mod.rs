//! What only a real server can show. Each test starts its own.

mod aggregates;
mod ahead;
mod answers;
mod booking;
mod bulk;
mod credentials;
mod denial;
mod differential;
mod encryption;
mod fault_program;
mod faults;
mod foreign;
mod greedy;
mod groups;
mod harness;
mod hazards;
mod kv;
mod leaders;
mod load;
mod messaging;
mod objects;
mod organizations;
mod partitions;
mod payloads;
mod permissions;
mod poison;
mod publishing;
mod replay;
mod rollout;
mod scale;
mod security;
mod signals;
mod sweep;
mod topology;

use tidings::testing::NatsServer;
use tidings::{Config, Tidings};

use crate::fixture::catalog::CATALOG;

/// Connects and applies the fixture catalog.
pub(crate) async fn connect(server: &NatsServer) -> Tidings {
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}
