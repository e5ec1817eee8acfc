//! Core NATS: messages that reach whoever listens while they are sent, and are kept by nobody.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::{Broker, BrokerError, Carrier, Names, embedded, jetstream};
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

impl Broker {
    /// Sends a message to whoever listens. Waits for a connection; not for long. With `confirmed`, it returns once the
    /// server has read the message, and knows whether it was denied.
    pub(crate) async fn tell(
        &self,
        mut message: CoreMessage,
        confirmed: bool,
    ) -> Result<(), BrokerError> {
        message.subject = self.names.spoken(message.subject);
        self.carry(message, confirmed).await
    }

    /// Sends an answer to where it is awaited.
    pub(crate) async fn respond(&self, answer: CoreMessage) -> Result<(), BrokerError> {
        self.carry(answer, false).await
    }

    async fn carry(&self, message: CoreMessage, confirmed: bool) -> Result<(), BrokerError> {
        match &self.carrier {
            Carrier::JetStream(broker) => broker.tell(&message, confirmed).await,
            Carrier::Embedded(broker) => broker.tell(message).await,
        }
    }

    /// Sends a message and waits for the first answer, no longer than `patience`; none where nobody listens.
    pub(crate) async fn ask(
        &self,
        mut message: CoreMessage,
        patience: Duration,
    ) -> Result<Option<CoreMessage>, BrokerError> {
        message.subject = self.names.spoken(message.subject);
        match &self.carrier {
            Carrier::JetStream(broker) => broker.ask(&message, patience).await,
            Carrier::Embedded(broker) => broker.ask(message, patience).await,
        }
    }

    /// Listens to a subject, which may have wildcards: alone, or as one of a group of which one hears each message. What is
    /// sent once this has returned is heard.
    pub(crate) async fn listen(
        &self,
        subject: &str,
        group: Option<&str>,
    ) -> Result<Listening, BrokerError> {
        let subject = self.names.spoken(subject.to_owned());
        let ear = match &self.carrier {
            Carrier::JetStream(broker) => {
                Ear::JetStream(Box::new(broker.listen(&subject, group).await?))
            }
            Carrier::Embedded(broker) => {
                broker.reach().await?;
                Ear::Embedded(broker.listen(&subject, group)?)
            }
        };
        Ok(Listening { ear, names: self.names.clone() })
    }
}

/// Whoever listens to a subject.
#[derive(Debug)]
pub(crate) struct Listening {
    ear: Ear,
    names: Names,
}

#[derive(Debug)]
enum Ear {
    JetStream(Box<jetstream::Listening>),
    Embedded(embedded::Listening),
}

impl Listening {
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
