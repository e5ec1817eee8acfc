//! Core NATS: messages that reach whoever listens while they are sent, and are kept by nobody.

use std::fmt;

use bytes::Bytes;

use super::{BrokerError, Names, embedded, jetstream};
use crate::message::headers::Headers;

/// Messages that a listener has not looked at yet; what comes beyond them is dropped. The client library's default, which
/// both brokers have.
pub(crate) const WAITING: usize = 64 * 1024;

/// A message that no stream need hold.
#[derive(Clone)]
pub(crate) struct CoreMessage {
    /// Where it was sent.
    pub subject: String,
    /// Where an answer is awaited.
    pub reply: Option<String>,
    /// Its headers.
    pub headers: Headers,
    /// The body.
    pub payload: Bytes,
}

impl fmt::Debug for CoreMessage {
    /// Without the payload, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoreMessage")
            .field("subject", &self.subject)
            .field("reply", &self.reply)
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// Whoever listens to a subject.
#[derive(Debug)]
pub(crate) struct Listening {
    ear: Ear,
    names: Names,
}

#[derive(Debug)]
pub(super) enum Ear {
    JetStream(Box<jetstream::Listening>),
    Embedded(embedded::Listening),
}

impl Listening {
    pub(super) fn new(ear: Ear, names: Names) -> Self {
        Self { ear, names }
    }

    /// The next message; none once [`stop`](Self::stop) was called or the connection was closed, and all that came before
    /// was taken. Safe to cancel: nothing is lost. Reconnects, and a client library that dies, are mended on the way; what
    /// was sent meanwhile is not made up for.
    ///
    /// # Errors
    /// The subject may not be listened to, or not any more.
    pub(crate) async fn next(&mut self) -> Result<Option<CoreMessage>, BrokerError> {
        let heard = match &mut self.ear {
            Ear::JetStream(listening) => listening.next().await?,
            Ear::Embedded(listening) => listening.next().await,
        };
        Ok(heard.map(|message| self.names.heard(message)))
    }

    /// Listens no more. What has come is still to be taken.
    pub(crate) async fn stop(&mut self) {
        match &mut self.ear {
            Ear::JetStream(listening) => listening.stop().await,
            Ear::Embedded(listening) => listening.stop(),
        }
    }
}
