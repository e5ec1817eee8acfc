//! Connections that are lost, closed, dropped or refused.

use std::time::Duration;

use futures_util::future::join_all;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{BrokerError, Config, ConnectionState, RunError, Tidings};
use tokio::net::TcpListener;

use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{PATIENCE, Running, Tracker, courier, next, sent, until};
use crate::server::connect;

async fn disconnected(bus: &Tidings) {
    until("the loss is noticed", async || bus.connection_state() == ConnectionState::Disconnected)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_without_a_connection_ends() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    server.kill().expect("killed");
    disconnected(&bus).await;
    // More than the client library holds for later.
    let all = join_all((0..5000).map(|_| bus.ping()));
    let answers = tokio::time::timeout(PATIENCE, all).await.expect("none of them hangs");
    assert!(answers.iter().all(Result::is_err));
    tokio::time::timeout(PATIENCE, bus.close()).await.expect("closed").expect_err("unreachable");
}

/// Whether anybody comes to where the server was. The client library tries at least once a second.
async fn is_looked_for(port: u16) -> bool {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    tokio::time::timeout(Duration::from_millis(2500), listener.accept()).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_nobody_needs_is_not_looked_for() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    server.kill().expect("killed");
    disconnected(&bus).await;
    assert!(is_looked_for(server.port()).await, "as long as it is needed");
    drop(bus);
    // The attempt that was under way.
    is_looked_for(server.port()).await;
    assert!(!is_looked_for(server.port()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_closed_is_not_looked_for() {
    let mut server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    server.kill().expect("killed");
    disconnected(&bus).await;
    bus.close().await.expect_err("what was buffered is lost");
    is_looked_for(server.port()).await;
    assert!(!is_looked_for(server.port()).await);
    assert_eq!(bus.connection_state(), ConnectionState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_credentials_end_a_subscriber() {
    let config = |password: &str| ServerConfig::default().user("tracking", password);
    let mut server = NatsServer::start_with(config("old")).await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url()).user("tracking", "old")).await;
    let bus = bus.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    next(&mut sightings).await;

    server.reload(config("new")).await.expect("reloaded");
    let RunError::Subscription { source: BrokerError::Closed, .. } = run.failed().await else {
        panic!("it ends because it may not come back");
    };
    assert_eq!(bus.connection_state(), ConnectionState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_refused_for_a_moment_end_nothing() {
    let config = |password: &str| ServerConfig::default().user("tracking", password);
    let mut server = NatsServer::start_with(config("old")).await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url()).user("tracking", "old")).await;
    let bus = bus.expect("a connection");
    server.reload(config("new")).await.expect("reloaded");
    disconnected(&bus).await;
    server.reload(config("old")).await.expect("reloaded");
    until("it is back", async || bus.connection_state() == ConnectionState::Connected(2)).await;
}
