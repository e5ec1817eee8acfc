//! Who may log on, and what those are told who may not.

use std::collections::VecDeque;
use std::error::Error as _;
use std::fs;

use tidings::kv::{BucketConfig, KvError};
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{
    BrokerError, Config, ConnectError, PublishError, Receipt, RunError, Subscription as _, Tidings,
};
use tokio::sync::watch;

use super::connect;
use crate::conformance::too_old;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Tracker, courier, sent, until};

async fn refused(config: Config) -> ConnectError {
    Tidings::connect(config).await.expect_err("no connection")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_logs_on_with_a_password() {
    let config = ServerConfig::default().user("ann", "p@ss:word");
    let server = NatsServer::start_with(config).await.expect("a server");
    let plain = server.url();
    let right = Config::new(&plain).user("ann", "p@ss:word");
    Tidings::connect(right).await.expect("a connection").ping().await.expect("an answer");
    let in_address = plain.replace("nats://", "nats://ann:p%40ss%3Aword@");
    Tidings::connect(Config::new(in_address)).await.expect("a connection");
    for wrong in [Config::new(&plain), Config::new(&plain).user("ann", "guess")] {
        let error = refused(wrong).await;
        assert!(matches!(error, ConnectError::Unauthorized { .. }), "{error}");
        assert!(!error.to_string().contains("guess"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lets_in() {
    let server = NatsServer::start_with(ServerConfig::default().token("s3cret")).await;
    let server = server.expect("a server");
    Tidings::connect(Config::new(server.url()).token("s3cret")).await.expect("a connection");
    let error = refused(Config::new(server.url()).token("guess")).await;
    assert!(matches!(error, ConnectError::Unauthorized { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_nkey_lets_in() {
    let key = nkeys::KeyPair::new_user();
    let config = ServerConfig::default().nkey(&key.public_key());
    let server = NatsServer::start_with(config).await.expect("a server");
    let seed = key.seed().expect("a seed");
    Tidings::connect(Config::new(server.url()).nkey(seed)).await.expect("a connection");
    let stranger = nkeys::KeyPair::new_user().seed().expect("a seed");
    let error = refused(Config::new(server.url()).nkey(stranger)).await;
    assert!(matches!(error, ConnectError::Unauthorized { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_encrypted_and_both_sides_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let (certificate, key) = authority.issue("server");
    let config = ServerConfig::default().tls(&certificate, &key).client_ca(&authority.pem);
    let server = NatsServer::start_with(config).await.expect("a server");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path
    };
    let ca = write("ca.pem", &authority.pem);
    let (certificate, key) = authority.issue("client");
    let (certificate, key) = (write("client.pem", &certificate), write("client.key", &key));

    let known = Config::new(server.url()).ca(&ca).client_certificate(&certificate, &key);
    let bus = Tidings::connect(known).await.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");

    let strangers = Authority::new();
    let (other, other_key) = strangers.issue("client");
    let (other, other_key) = (write("other.pem", &other), write("other.key", &other_key));
    let other_ca = write("other-ca.pem", &strangers.pem);
    for wrong in [
        Config::new(server.url()).ca(&ca),
        Config::new(server.url()).ca(&ca).client_certificate(other, other_key),
        Config::new(server.url()).ca(other_ca).client_certificate(certificate, key),
    ] {
        let error = refused(wrong).await;
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_publish_says_so_at_once() {
    let config = ServerConfig::default().text(
        "authorization { users = [
            { user: admin, password: a }
            { user: reader, password: r, permissions: { publish: { deny: \"parcels.>\" } } }
        ] }",
    );
    let server = NatsServer::start_with(config).await.expect("a server");
    let admin = Tidings::connect(Config::new(server.url()).user("admin", "a")).await;
    admin.expect("a connection").ensure(&CATALOG).await.expect("the catalog fits");
    let reader = Tidings::connect(Config::new(server.url()).user("reader", "r")).await;
    let reader = reader.expect("a connection");
    let started = std::time::Instant::now();
    let error = courier(&reader).parcel_sent(sent("p-1", 0)).await.expect_err("denied");
    assert!(matches!(error, PublishError::Rejected { .. }), "{error:?}");
    assert!(started.elapsed() < std::time::Duration::from_secs(3), "{:?}", started.elapsed());
    let source = std::error::Error::source(&error).expect("a reason").to_string();
    assert!(source.contains("parcels.parcel.sent"), "{source}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_one_for_a_service_that_may_not_read_its_stream() {
    let config = ServerConfig::default().text(
        "authorization { users = [
            { user: admin, password: a }
            { user: writer, password: w, permissions: {
                publish: { deny: [\"$JS.API.STREAM.MSG.GET.>\", \"$JS.API.DIRECT.GET.>\"] } } }
        ] }",
    );
    let server = NatsServer::start_with(config).await.expect("a server");
    let admin = Tidings::connect(Config::new(server.url()).user("admin", "a")).await;
    let admin = admin.expect("a connection");
    admin.ensure(&CATALOG).await.expect("the catalog fits");
    courier(&admin).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let writer = Tidings::connect(Config::new(server.url()).user("writer", "w")).await;
    let writer = writer.expect("a connection");
    let publisher = courier(&writer);
    let late = || publisher.parcel_sent(sent("p-1", 1)).expect_last_sequence(0);
    let alone = late().await;
    assert!(matches!(alone, Err(PublishError::Conflict { last: 1, .. })), "{alone:?}");
    let together = publisher.atomically().add(late()).await;
    if !too_old(&together) {
        assert!(matches!(together, Err(PublishError::Conflict { last: 1, .. })), "{together:?}");
    }
    let bucket = admin.ensure_bucket(&BucketConfig::new("places")).await.expect("a bucket");
    let first = bucket.put("berlin", "a").await.expect("written");
    let late = writer.bucket("places").expect("a name").update("berlin", "b", first + 7).await;
    assert!(
        matches!(late, Err(KvError::Conflict { revision, .. }) if revision == first),
        "{late:?}"
    );
}

/// A publish that was let through before its permission went is stored; one that came behind it is not.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_let_through_before_a_permission_went_is_not_called_denied() {
    let config = |permissions: &str| {
        ServerConfig::default().jetstream("sync_interval: always").text(&format!(
            "authorization {{ users = [
                {{ user: admin, password: a }}
                {{ user: writer, password: w, permissions: {{ {permissions} }} }}
            ] }}"
        ))
    };
    let mut server = NatsServer::start_with(config("publish: \">\"")).await.expect("a server");
    let admin = Tidings::connect(Config::new(server.url()).user("admin", "a")).await;
    let admin = admin.expect("a connection");
    admin.ensure(&CATALOG).await.expect("the catalog fits");
    let writer = Tidings::connect(Config::new(server.url()).user("writer", "w")).await;
    let writer = writer.expect("a connection");
    let state = writer.connection_state();
    // What is sent now is stored bit by bit later.
    server.freeze().expect("frozen");
    let (sent_on, mut on_the_way) = watch::channel(0);
    let publishing = tokio::spawn(async move {
        let publisher = courier(&writer);
        let (mut outcomes, mut receipts, mut denied) = (Vec::new(), VecDeque::new(), false);
        for step in 0.. {
            // As many as can be are on their way when the permission goes.
            if denied || receipts.len() >= 200 {
                let Some(receipt): Option<Receipt> = receipts.pop_front() else { break };
                let id = receipt.id().to_owned();
                let result = receipt.await.map(drop);
                denied |= result.is_err();
                outcomes.push((id, result));
            }
            if !denied {
                let event = publisher.parcel_sent(sent("p-1", step)).id(step.to_string());
                receipts.push_back(event.enqueue().await.expect("sent"));
                sent_on.send_replace(step + 1);
            }
        }
        (outcomes, writer.connection_state())
    });
    on_the_way.wait_for(|sent| *sent >= 200).await.expect("sent");
    server.thaw().expect("thawed");
    // A server that was busy may read its configuration before what was sent.
    until("some are let through", async || {
        admin.lag(tracking::journey::Subscription::SPEC).await.is_ok_and(|lag| lag.pending > 0)
    })
    .await;
    server.reload(config("publish: { deny: \"parcels.>\" }")).await.expect("reloaded");
    let (outcomes, after) = publishing.await.expect("no panic");
    assert_eq!(state, after, "the connection stays");
    let mut stored = 0;
    for (id, result) in outcomes {
        let Err(error) = result else {
            stored += 1;
            continue;
        };
        let reason = error.source().expect("a reason").to_string();
        assert!(reason.contains("denied"), "{id}: {error:?}");
        if !error.is_unknown() {
            // One that was stored is a duplicate.
            let again = courier(&admin).parcel_sent(sent("p-1", 0)).id(&id).await;
            assert!(!again.expect("an answer").duplicate, "{id} was said not to be stored");
        }
    }
    assert!(stored > 0, "none was let through");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_subscription_says_so_at_once() {
    let config = ServerConfig::default().text(
        "authorization { users = [
            { user: admin, password: a }
            { user: reader, password: r, permissions: {
                publish: { deny: \"$JS.API.CONSUMER.MSG.NEXT.>\" } } }
        ] }",
    );
    let server = NatsServer::start_with(config).await.expect("a server");
    let admin = Tidings::connect(Config::new(server.url()).user("admin", "a")).await;
    admin.expect("a connection").ensure(&CATALOG).await.expect("the catalog fits");
    let reader = Tidings::connect(Config::new(server.url()).user("reader", "r")).await;
    let reader = reader.expect("a connection");
    let (tracker, _sightings) = Tracker::content();
    let error = Running::start(reader.run(tracking::Journey::subscriber(tracker))).failed().await;
    let RunError::Subscription { source: BrokerError::Denied(words), .. } = error else {
        panic!("another error: {error:?}");
    };
    assert!(words.contains("CONSUMER.MSG.NEXT"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_where_nobody_listens_is_named() {
    let mut server = NatsServer::start().await.expect("a server");
    connect(&server).await.close().await.expect("closed");
    server.kill().expect("killed");
    let error = refused(Config::new(server.url())).await;
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains(&server.port().to_string()), "{error}");
}

/// Signs certificates for one test.
pub(super) struct Authority {
    pub(super) pem: String,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "tests");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: rcgen::Issuer::new(params, key) }
    }

    /// A certificate for this machine, and its key.
    pub(super) fn issue(&self, name: &str) -> (String, String) {
        let key = rcgen::KeyPair::generate().expect("a key");
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut params = rcgen::CertificateParams::new(names).expect("names");
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}
