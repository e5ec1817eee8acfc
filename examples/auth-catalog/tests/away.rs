//! Both services on a real server that dies in between.

use std::time::Duration;

use auth_catalog::auth::{Auth, Registration, Secret};
use auth_catalog::catalog::{Members, UserSync};
use event_catalog::catalog::{self, UserSync as _};
use event_catalog::types::{Client, PersonName};
use tidings::testing::NatsServer;
use tidings::{Config, Subscription as _, Tidings};
use tokio::time::timeout;

const SPEC: &tidings::catalog::SubscriptionSpec = catalog::user_sync::Subscription::SPEC;
const PATIENCE: Duration = Duration::from_secs(60);

fn person(given: &str) -> Registration {
    Registration {
        email: format!("{given}@example.com"),
        name: PersonName { given: given.to_owned(), family: None },
        password: "correct horse".to_owned(),
    }
}

async fn connect(server: &NatsServer) -> Tidings {
    let bus = Tidings::connect(Config::new(server.url()).lazy()).await.expect("a client");
    timeout(PATIENCE, bus.connected()).await.expect("in time").expect("connected");
    bus
}

#[tokio::test]
async fn people_register_and_sign_in_while_the_broker_is_dead_and_the_catalog_hears_of_it_later() {
    let mut server = NatsServer::start().await.expect("a server");
    let (identity, shop) = (connect(&server).await, connect(&server).await);
    identity.ensure(&event_catalog::CATALOG).await.expect("the catalog fits");
    let secret = Secret::new(b"of a test");
    let auth = Auth::open(&identity, None, secret).await.expect("a service");
    let members = Members::open(None).await.expect("a table");
    let sync = tokio::spawn({
        let subscriber = UserSync::new(members.clone()).subscriber();
        shop.run(subscriber).until(std::future::pending::<()>())
    });
    let relay = tokio::spawn(auth.outbox().relay(&identity).until(std::future::pending::<()>()));

    auth.register("acme", person("ada")).await.expect("registered");
    let told = || async {
        auth.outbox().idle().await.expect("readable");
        shop.idle(SPEC).await.expect("idle");
    };
    timeout(PATIENCE, told()).await.expect("in time");
    assert_eq!(members.of("acme").await.expect("readable").len(), 1);
    server.kill().expect("dead");
    for given in ["grace", "joan"] {
        let user_id = auth.register("acme", person(given)).await.expect("registered");
        let client = Client { ip_address: "127.0.0.1".to_owned(), user_agent: None };
        let email = format!("{given}@example.com");
        auth.login("acme", &email, "correct horse", client).await.expect("signed in");
        auth.assign_role("acme", user_id, "planner", user_id).await.expect("assigned");
    }
    assert_eq!(members.of("acme").await.expect("readable").len(), 1, "nobody has told");
    server.restart().await.expect("it is there again");
    timeout(PATIENCE, told()).await.expect("in time");
    assert_eq!(members.of("acme").await.expect("readable").len(), 3, "the catalog hears of all");
    assert_eq!(auth.outbox().lag().await.expect("readable").dead, 0);
    sync.abort();
    relay.abort();
}
