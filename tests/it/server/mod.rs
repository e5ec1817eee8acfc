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

use async_nats::jetstream;
use tidings::catalog::SubscriptionSpec;
use tidings::testing::NatsServer;
use tidings::{Config, Tidings};

use crate::fixture::catalog::CATALOG;

/// Connects and applies the fixture catalog.
pub(crate) async fn connect(server: &NatsServer) -> Tidings {
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}

/// Returns once the server knows of all that a client has told it before, subscriptions for one: it answers in this order. A flush
/// is over when it is written.
pub(crate) async fn known(client: &async_nats::Client) {
    client.request("$JS.API.INFO", "".into()).await.expect("an answer");
}

/// Fewer deliveries of a subscription may be unsettled from now on than its catalog says, as where an older one was applied.
pub(crate) async fn lower(server: &NatsServer, subscription: &SubscriptionSpec, most: i64) {
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let stream = jetstream::new(client).get_stream(subscription.stream).await.expect("a stream");
    let durable = stream.consumer_info(subscription.durable).await.expect("the durable");
    let lowered = jetstream::consumer::Config { max_ack_pending: most, ..durable.config };
    stream.update_consumer(lowered).await.expect("taken");
}
