//! The harness itself: that it does to a server what its methods say.

use std::time::Duration;

use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context, stream};
use async_nats::{ConnectOptions, Event};
use tidings::testing::{Cluster, NatsServer, ServerConfig};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// More than any of the waits in here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn options() -> ConnectOptions {
    // Quick to notice, and quick to come back.
    ConnectOptions::new()
        .ping_interval(Duration::from_millis(300))
        .reconnect_delay_callback(|_| Duration::from_millis(50))
}

async fn jetstream(server: &NatsServer) -> Context {
    jetstream::new(options().connect(server.url()).await.expect("a connection"))
}

fn config(name: &str, num_replicas: usize) -> stream::Config {
    let subjects = vec![format!("{name}.>")];
    stream::Config { name: name.to_owned(), subjects, num_replicas, ..Default::default() }
}

/// Published until it is stored: a stream that has just been made, or has lost its leader, takes nothing for a moment.
async fn publish(jetstream: &Context, subject: &'static str) {
    let stored = async {
        loop {
            let message = PublishMessage::build().payload("x".into()).message_id(subject);
            let sent = jetstream.send_publish(subject, message).await.expect("sent");
            if sent.await.is_ok() {
                return;
            }
        }
    };
    timeout(PATIENCE, stored).await.expect("stored");
}

/// How many messages the stream holds; asked until the server answers.
async fn count(jetstream: &Context, stream: &str) -> u64 {
    let answer = async {
        loop {
            if let Ok(stream) = jetstream.get_stream(stream).await {
                return stream.cached_info().state.messages;
            }
        }
    };
    timeout(PATIENCE, answer).await.expect("the stream is served")
}

#[tokio::test]
async fn what_was_stored_survives_a_kill_and_not_an_emptied_store() {
    let mut server = NatsServer::start().await.expect("a server");
    let port = server.port();
    let jetstream = jetstream(&server).await;
    jetstream.create_stream(config("kept", 1)).await.expect("a stream");
    publish(&jetstream, "kept.a").await;

    server.kill().expect("killed");
    assert!(server.monitor("/varz").await.is_err(), "a killed server answers nobody");
    server.restart().await.expect("restarted");
    assert_eq!(server.port(), port);
    assert_eq!(count(&jetstream, "kept").await, 1);

    server.restart_empty().await.expect("restarted");
    assert_eq!(server.port(), port);
    let jsz = server.monitor("/jsz").await.expect("an answer");
    assert_eq!(jsz["streams"], 0);
}

#[tokio::test]
async fn a_frozen_server_keeps_its_connections_and_answers_nobody_until_it_thaws() {
    let server = NatsServer::start().await.expect("a server");
    let jetstream = jetstream(&server).await;
    jetstream.create_stream(config("still", 1)).await.expect("a stream");

    server.freeze().expect("frozen");
    let sent = jetstream.publish("still.a", "x".into()).await.expect("sent");
    timeout(Duration::from_millis(200), sent.into_future()).await.expect_err("no answer");
    server.thaw().expect("thawed");
    publish(&jetstream, "still.b").await;

    // A second freeze is as good as the first, and a frozen server can be dropped.
    server.freeze().expect("frozen");
}

#[tokio::test]
async fn a_terminated_server_has_stopped_in_good_order() {
    let mut server = NatsServer::start().await.expect("a server");
    server.terminate().await.expect("stopped");
    assert!(server.log().expect("a log").contains("Server Exiting"));
    assert!(server.terminate().await.is_err(), "it is down");
    server.restart().await.expect("restarted");
}

#[tokio::test]
async fn a_lame_duck_tells_its_clients_and_goes() {
    let mut server = NatsServer::start().await.expect("a server");
    let (events, mut seen) = mpsc::unbounded_channel();
    let client = options().event_callback(move |event| {
        let events = events.clone();
        // Nobody listens any more once the test is over.
        async move { drop(events.send(event)) }
    });
    let client = client.connect(server.url()).await.expect("a connection");

    server.lame_duck().expect("told");
    let told = async { while seen.recv().await != Some(Event::LameDuckMode) {} };
    timeout(PATIENCE, told).await.expect("the client is told");
    server.stopped().await.expect("gone");
    drop(client);
}

#[tokio::test]
async fn a_reload_changes_who_may_come_in() {
    let config = |password: &str| ServerConfig::default().user("billing", password);
    let mut server = NatsServer::start_with(config("old")).await.expect("a server");
    let url = server.url();
    let enter = async |password: &str| {
        let user = ConnectOptions::new().user_and_password("billing".into(), password.into());
        user.connect(&url).await.map(drop)
    };
    enter("old").await.expect("let in");
    enter("new").await.expect_err("not yet");

    server.reload(config("new")).await.expect("reloaded");
    enter("new").await.expect("let in");
    enter("old").await.expect_err("no longer");

    let refused = server.reload(ServerConfig::default().text("surprise: 1")).await;
    let message = refused.expect_err("no such configuration").to_string();
    assert!(message.contains("surprise"), "{message}");
    server.restart().await.expect("the former configuration is in force");
}

#[tokio::test]
async fn tokens_and_keys_let_in() {
    let server = NatsServer::start_with(ServerConfig::default().token("s\"e\\cret")).await;
    let server = server.expect("a server");
    options().connect(server.url()).await.expect_err("nobody without the token");
    options().token("s\"e\\cret".into()).connect(server.url()).await.expect("let in");

    let key = nkeys::KeyPair::new_user();
    let server = NatsServer::start_with(ServerConfig::default().nkey(&key.public_key())).await;
    let server = server.expect("a server");
    let seed = key.seed().expect("a seed");
    options().nkey(seed).connect(server.url()).await.expect("let in");
}

#[tokio::test]
async fn connections_are_encrypted_and_clients_show_their_certificate() {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let own = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let config = ServerConfig::default().tls(&certificate, &key).client_ca(&certificate);
    let server = NatsServer::start_with(config).await.expect("a server");

    let file = |name: &str| server.folder().join(name);
    let trusting = || options().require_tls(true).add_root_certificates(file("certificate.pem"));
    trusting().connect(server.url()).await.expect_err("no certificate shown");
    let shown = trusting().add_client_certificate(file("certificate.pem"), file("key.pem"));
    shown.connect(server.url()).await.expect("let in");
}

/// Three quarters of what a disk has free are what a server allows by itself.
#[tokio::test]
async fn streams_reserve_more_than_the_disk_has() {
    let careful = ServerConfig::default().jetstream("sync_interval: always");
    let mut server = NatsServer::start_with(careful.clone().token("old")).await.expect("a server");
    let options = ConnectOptions::with_token("old".to_owned()).connect(server.url()).await;
    let reserved = stream::Config { max_bytes: 900 << 30, ..config("A", 1) };
    let jetstream = jetstream::new(options.expect("a connection"));
    jetstream.create_stream(reserved).await.expect("there is room");
    let settings = &server.monitor("/jsz").await.expect("an answer")["config"];
    assert_eq!(settings["sync_always"], true, "{settings}");
    server.reload(careful.token("new")).await.expect("the same of JetStream, on any version");
}

#[tokio::test]
async fn a_block_that_would_take_the_servers_folder_away_is_refused() {
    for text in ["jetstream { sync_interval: always }", "debug: true\n jetstream: enabled"] {
        let refused = NatsServer::start_with(ServerConfig::default().text(text)).await;
        let told = refused.expect_err(text).to_string();
        assert!(told.contains("ServerConfig::jetstream"), "{told}");
    }
    let accounts =
        "accounts {\n acme {\n jetstream: enabled\n users: [ { user: a, password: b } ]\n }\n}";
    NatsServer::start_with(ServerConfig::default().text(accounts)).await.expect("a server");
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why() {
    let refused = NatsServer::start_with(ServerConfig::default().text("surprise: 1")).await;
    let message = refused.expect_err("no such configuration").to_string();
    assert!(message.contains("surprise"), "{message}");

    let absent = NatsServer::start_with(ServerConfig::default().program("no/such/server")).await;
    let message = absent.expect_err("no such program").to_string();
    assert!(message.contains("no/such/server") && message.contains("pip install"), "{message}");
}

#[tokio::test]
async fn a_dropped_server_leaves_nothing_behind() {
    let server = NatsServer::start().await.expect("a server");
    let (folder, url) = (server.folder().to_owned(), server.url());
    drop(server);
    assert!(!folder.exists());
    ConnectOptions::new().connect(url).await.expect_err("nobody listens");
}

#[tokio::test]
async fn a_cluster_elects_another_leader_and_loses_nothing() {
    let mut cluster = Cluster::start(3).await.expect("a cluster");
    let client = options().connect(cluster.urls()).await.expect("a connection");
    let jetstream = jetstream::new(client);
    let created = async {
        // Servers before 2.12 may leave a cluster's first request unanswered.
        while jetstream.create_stream(config("shared", 3)).await.is_err() {}
    };
    timeout(PATIENCE, created).await.expect("a stream");
    publish(&jetstream, "shared.a").await;

    let first = cluster.leader_of("shared").await.expect("a leader");
    cluster.node_mut(first).kill().expect("killed");
    let second = cluster.leader_of("shared").await.expect("another leader");
    assert_ne!(first, second);
    assert_eq!(count(&jetstream, "shared").await, 1);

    cluster.node_mut(first).restart().await.expect("restarted");
    cluster.ready().await.expect("in sync");
    cluster.restart_all().await.expect("restarted");
    assert_eq!(count(&jetstream, "shared").await, 1);
}
