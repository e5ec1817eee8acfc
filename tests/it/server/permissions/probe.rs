use std::time::Duration;

use async_nats::{ConnectOptions, Event, ServerError};
use tokio::sync::mpsc;

use super::{Guarded, secret};
use crate::fixture::PATIENCE;

/// A user at the server's own interface, who finds out what is denied.
pub(super) struct Probe {
    client: async_nats::Client,
    denials: mpsc::UnboundedReceiver<String>,
    asked: u64,
}

impl Probe {
    pub(super) async fn of(guarded: &Guarded, user: &str) -> Self {
        let (told, denials) = mpsc::unbounded_channel();
        let client = ConnectOptions::new()
            .user_and_password(user.to_owned(), secret(user))
            .custom_inbox_prefix(format!("_INBOX_{user}"))
            .request_timeout(Some(Duration::from_secs(5)))
            .event_callback(move |event| {
                if let Event::ServerError(ServerError::Other(words)) = event {
                    let _ = told.send(words);
                }
                std::future::ready(())
            })
            .connect(guarded.server.url())
            .await
            .expect("a connection");
        Self { client, denials, asked: 0 }
    }

    pub(super) async fn may_publish(&mut self, subject: &str) -> bool {
        self.client.publish(subject.to_owned(), "".into()).await.expect("sent");
        !self.denied(&format!("Publish to \"{subject}\"")).await
    }

    pub(super) async fn may_subscribe(&mut self, subject: &str) -> bool {
        let _kept = self.client.subscribe(subject.to_owned()).await.expect("sent");
        !self.denied(&format!("Subscription to \"{subject}\"")).await
    }

    /// Whether this was denied of all that was asked until now: the server tells in order, and denies the question too.
    async fn denied(&mut self, what: &str) -> bool {
        self.asked += 1;
        let question = format!("nobody.may.{}", self.asked);
        self.client.publish(question.clone(), "".into()).await.expect("sent");
        self.client.flush().await.expect("flushed");
        let mut denied = false;
        loop {
            let words = tokio::time::timeout(PATIENCE, self.denials.recv()).await;
            let words = words.expect("a word in time").expect("the client lives");
            if words.contains(&format!("\"{question}\"")) {
                return denied;
            }
            denied |= words.contains(what);
        }
    }
}
