//! Core NATS on a server that goes away, forbids, or hands out what kills the client library.

use tidings::messaging::{CoreError, Messages};
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{Config, ConnectionState, Tidings};

use super::connect;
use super::poison::publish_raw;
use crate::fixture::{PATIENCE, until};

/// Says something until it is heard: what is said while somebody is not there yet is lost.
async fn is_heard(bus: &Tidings, messages: &mut Messages, subject: &str, text: &'static str) {
    let saying = async {
        loop {
            let _ = bus.core().publish(subject, text).await;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let hearing = async {
        loop {
            let message = messages.next().await.expect("allowed").expect("a message");
            if message.payload() == text {
                return;
            }
        }
    };
    let heard = async {
        tokio::select! {
            () = hearing => {}
            () = saying => {}
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("heard in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_listens_goes_on_when_the_server_is_back() {
    let mut server = NatsServer::start().await.expect("a server");
    let (ours, theirs) = (connect(&server).await, connect(&server).await);
    let mut messages = ours.core().subscribe("news").group("readers").await.expect("it listens");
    is_heard(&theirs, &mut messages, "news", "before").await;
    server.kill().expect("killed");
    let gone = async || theirs.connection_state() == ConnectionState::Disconnected;
    until("the loss is noticed", gone).await;
    let patience = std::time::Duration::from_millis(100);
    let outcome = theirs.core().request("news", "?").timeout(patience).await;
    assert!(matches!(outcome, Err(CoreError::Broker { .. })), "{outcome:?}");
    server.restart().await.expect("it is there again");
    is_heard(&theirs, &mut messages, "news", "after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_under_way_ends_with_its_connection() {
    let mut server = NatsServer::start().await.expect("a server");
    let (ours, theirs) = (connect(&server).await, connect(&server).await);
    let mut questions = ours.core().subscribe("slow").await.expect("it listens");
    let asking = theirs.core().request("slow", "?").timeout(PATIENCE);
    let asking = tokio::spawn(asking.into_future());
    questions.next().await.expect("allowed").expect("a question");
    server.kill().expect("killed");
    let outcome = asking.await.expect("no panic");
    assert!(matches!(outcome, Err(CoreError::Broker { .. })), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_listens_survives_the_death_of_the_client_library() {
    let server = NatsServer::start().await.expect("a server");
    let (ours, theirs) = (connect(&server).await, connect(&server).await);
    let mut messages = ours.core().subscribe("news.*").await.expect("it listens");
    is_heard(&theirs, &mut messages, "news.good", "before").await;
    for headers in [&b"NATS/1.0\r\nx-note: a\rb\r\n\r\n"[..], b"NATS/1.0\r\nx-note: \xff\r\n\r\n"] {
        publish_raw(&server, "news.bad", headers, b"poison").await;
    }
    is_heard(&theirs, &mut messages, "news.good", "after").await;
    ours.close().await.expect("closed");
}

/// Lets the user `web` send and hear only what is below `may`, beside what everybody needs.
fn only(may: &str) -> ServerConfig {
    let text = format!(
        "authorization {{ users: [ {{ user: web, password: secret, permissions: {{\n\
         publish: {{ allow: [\"{may}\", \"$JS.API.INFO\"] }}\n\
         subscribe: {{ allow: [\"{may}\", \"_INBOX.>\"] }} }} }} ] }}\n"
    );
    ServerConfig::default().text(&text)
}

async fn web(server: &NatsServer) -> Tidings {
    Tidings::connect(Config::new(server.url()).user("web", "secret")).await.expect("a connection")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_is_told_and_takes_nothing_else_with_it() {
    let server = NatsServer::start_with(only("open.>")).await.expect("a server");
    let bus = web(&server).await;
    let core = bus.core();
    let denied = |outcome: Result<(), CoreError>| match outcome {
        Err(CoreError::Denied { subject, reason }) => {
            assert!(reason.contains(&format!("\"{subject}\"")), "{reason}");
            subject
        }
        other => panic!("{other:?}"),
    };
    let mut open = core.subscribe("open.*").await.expect("allowed");
    for _ in 0..3 {
        let outcome = core.publish("secret.a", ()).confirmed().await;
        assert_eq!(denied(outcome), "secret.a");
        // A wildcard, like the subject on which the client library hears all answers.
        for subject in ["secret.*", "secret.>"] {
            assert_eq!(denied(core.subscribe(subject).await.map(drop)), subject);
            assert_eq!(denied(core.subscribe(subject).group("g").await.map(drop)), subject);
        }
        assert_eq!(denied(core.request("secret.a", ()).await.map(drop)), "secret.a");
    }
    core.publish("secret.a", ()).await.expect("on its way, for all that is known");
    core.publish("open.a", "still here").confirmed().await.expect("allowed");
    let message = open.next().await.expect("allowed").expect("a message");
    assert_eq!(&message.payload()[..], b"still here");
    let outcome = core.request("open.b", ()).await;
    assert!(matches!(outcome, Err(CoreError::TimedOut { .. })), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_listen_no_more_is_told() {
    let mut server = NatsServer::start_with(only("open.>")).await.expect("a server");
    let bus = web(&server).await;
    let mut messages = bus.core().subscribe("open.news").await.expect("allowed");
    server.reload(only("other.>")).await.expect("reloaded");
    let outcome = tokio::time::timeout(PATIENCE, messages.next()).await.expect("in time");
    assert!(matches!(outcome, Err(CoreError::Denied { .. })), "{outcome:?}");
}
