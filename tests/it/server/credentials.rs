//! Credentials in files, and that new ones are used without a restart and without a loss.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::{Value, json};
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{Config, ConnectError, ConnectionState, Tidings, Timestamp};
use tokio::sync::watch;

use super::security::Authority;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Tracker, courier, next, sent, until};

/// Whether the server loses JetStream when it reads its configuration again, as those before 2.11 do.
fn cannot_reload(server: &NatsServer) -> bool {
    server.version().starts_with("2.10.")
}

async fn connected(config: Config) -> Tidings {
    let bus = Tidings::connect(config).await.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}

/// Publishes and handles while the credentials change, until there is another connection, and then some more.
async fn goes_on(bus: &Tidings, change: impl AsyncFnOnce()) {
    let (tracker, mut seen) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let before = bus.connection_state();
    let (end, ended) = watch::channel(false);
    let publisher = courier(bus);
    let publishing = tokio::spawn(async move {
        let mut count = 0;
        while !*ended.borrow() {
            publisher.parcel_sent(sent("p-1", count)).await.expect("stored");
            count += 1;
        }
        count
    });
    let mut steps = BTreeSet::from([next(&mut seen).await.step]);
    change().await;
    until("another connection", async || {
        let now = bus.connection_state();
        now != before && matches!(now, ConnectionState::Connected(_))
    })
    .await;
    end.send_replace(true);
    let count = publishing.await.expect("no panic");
    courier(bus).parcel_sent(sent("p-1", count)).await.expect("stored");
    while steps.len() as u64 <= count {
        steps.insert(next(&mut seen).await.step);
    }
    run.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_is_read_from_its_file() {
    let mut server =
        NatsServer::start_with(ServerConfig::default().user("ann", "old")).await.expect("a server");
    if cannot_reload(&server) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("password");
    fs::write(&path, "old\n").expect("written");
    let bus = connected(Config::new(server.url()).password_file("ann", &path)).await;
    goes_on(&bus, async || {
        server.reload(ServerConfig::default().user("ann", "new")).await.expect("reloaded");
        fs::write(&path, "new\n").expect("written");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_nkey_is_read_from_its_file() {
    let [old, new] = [KeyPair::new_user(), KeyPair::new_user()];
    let config = |key: &KeyPair| ServerConfig::default().nkey(&key.public_key());
    let mut server = NatsServer::start_with(config(&old)).await.expect("a server");
    if cannot_reload(&server) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("seed");
    fs::write(&path, old.seed().expect("a seed")).expect("written");
    let bus = connected(Config::new(server.url()).nkey_file(&path)).await;
    goes_on(&bus, async || {
        fs::write(&path, new.seed().expect("a seed")).expect("written");
        server.reload(config(&new)).await.expect("reloaded");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_is_read_from_its_file() {
    let config = |token: &str| ServerConfig::default().token(token);
    let mut server = NatsServer::start_with(config("old")).await.expect("a server");
    if cannot_reload(&server) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    fs::write(&path, "old").expect("written");
    let bus = connected(Config::new(server.url()).token_file(&path)).await;
    goes_on(&bus, async || {
        fs::write(&path, "new").expect("written");
        server.reload(config("new")).await.expect("reloaded");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let [of_server, old, new] = [(); 3].map(|()| Authority::new());
    let (certificate, key) = of_server.issue("server");
    let config = |clients: &Authority| {
        ServerConfig::default().tls(&certificate, &key).client_ca(&clients.pem)
    };
    let write = |authority: &Authority| {
        let (certificate, key) = authority.issue("client");
        fs::write(file("client.pem"), certificate).expect("written");
        fs::write(file("client.key"), key).expect("written");
    };
    let mut server = NatsServer::start_with(config(&old)).await.expect("a server");
    fs::write(file("ca.pem"), &of_server.pem).expect("written");
    write(&old);
    let client = Config::new(server.url())
        .ca(file("ca.pem"))
        .client_certificate(file("client.pem"), file("client.key"));
    let bus = connected(client).await;
    goes_on(&bus, async || {
        server.reload(config(&new)).await.expect("reloaded");
        write(&new);
        // A server asks for no certificate once more while a connection stands.
        server.restart().await.expect("restarted");
    })
    .await;
}

/// A server of an operator, whose account's users have credentials files.
struct Operator {
    server: NatsServer,
    account: KeyPair,
}

impl Operator {
    async fn new() -> Self {
        let [operator, account, system] =
            [KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_account()];
        let jwts = [(&account, -1), (&system, 0)].map(|(own, storage)| {
            let limits = json!({
                "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true,
                "conn": -1, "leaf": -1, "mem_storage": storage, "disk_storage": storage, "streams": storage,
                "consumer": storage,
            });
            let claims = json!({ "limits": limits, "type": "account", "version": 2 });
            (own.public_key(), jwt(&operator, own, None, &claims))
        });
        let claims =
            json!({ "type": "operator", "version": 2, "system_account": system.public_key() });
        let preload: String = jwts.iter().map(|(key, jwt)| format!("{key}: {jwt}\n")).collect();
        let text = format!(
            "operator: {}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{\n{preload}}}",
            jwt(&operator, &operator, None, &claims),
            system.public_key(),
        );
        let config = ServerConfig::default().text(&text);
        let server = NatsServer::start_with(config).await.expect("a server");
        Self { server, account }
    }

    /// Writes the credentials of a new user, which end after so many seconds, where they do.
    fn write(&self, path: &Path, seconds: Option<i64>) {
        let user = KeyPair::new_user();
        let claims = json!({ "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2 });
        let expires = seconds.map(|seconds| Timestamp::now().as_second() + seconds);
        let jwt = jwt(&self.account, &user, expires, &claims);
        let seed = user.seed().expect("a seed");
        let text = format!(
            "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        fs::write(path, text).expect("written");
    }
}

fn jwt(issuer: &KeyPair, subject: &KeyPair, expires: Option<i64>, claims: &Value) -> String {
    let mut body = json!({
        "jti": "test", "iat": Timestamp::now().as_second(), "iss": issuer.public_key(),
        "sub": subject.public_key(), "name": "test", "nats": claims,
    });
    if let Some(expires) = expires {
        body["exp"] = expires.into();
    }
    let [header, body] = [json!({ "typ": "JWT", "alg": "ed25519-nkey" }), body]
        .map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{body}");
    let signature = issuer.sign(signed.as_bytes()).expect("signed");
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credentials_file_lets_in() {
    let operator = Operator::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("user.creds");
    operator.write(&path, None);
    let config = || Config::new(operator.server.url()).credentials(&path);
    let bus = connected(config()).await;
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    Operator::new().await.write(&path, None);
    let error = Tidings::connect(config()).await.expect_err("another operator's user");
    assert!(matches!(error, ConnectError::Unauthorized { .. }), "{error}");
    fs::write(&path, "-----BEGIN NATS USER JWT-----\n").expect("written");
    let error = Tidings::connect(config()).await.expect_err("half a file");
    assert!(error.to_string().contains("NATS USER JWT"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_end_are_followed_by_those_that_the_file_has_then() {
    let operator = Operator::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("user.creds");
    operator.write(&path, Some(5));
    let bus = connected(Config::new(operator.server.url()).credentials(&path)).await;
    goes_on(&bus, async || operator.write(&path, None)).await;
}
