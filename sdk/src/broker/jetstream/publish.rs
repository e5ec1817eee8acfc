//! A message on its way to its stream, and the stream's word.

use std::sync::Arc;

use async_nats::header::{
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_EXPECTED_STREAM, NATS_MESSAGE_ID,
};
use async_nats::{HeaderMap, HeaderValue, Message, Subject};
use tokio::sync::OwnedSemaphorePermit;

use super::answers::{Asked, By, heard};
use super::waiting::{Answer, Ear, Silence, Whose};
use super::word::word;
use super::{ANSWER, JetStream, to_header_map};
use crate::broker::{BrokerError, ConnectionState, EXPECTED_OF, Outgoing, Soon, Stored, size};

/// What a server says since 2.12 of a second copy while the first is not yet agreed upon.
const IN_FLIGHT: u64 = 10158;

impl JetStream {
    /// Sends a message. Returns when it is on its way; `tell` is told the stream's word.
    ///
    /// # Errors
    /// Nothing was sent, and nothing is told.
    pub(in crate::broker) fn publish(
        &self,
        message: &Outgoing,
        tell: impl FnOnce(Result<Stored, BrokerError>) + Send + 'static,
    ) -> Soon<Result<(), BrokerError>> {
        // What is handed to the library while it is disconnected goes out with the next connection, perhaps when the
        // stream has forgotten the ids of earlier copies.
        let connection = self.connection.now();
        if let ConnectionState::Connected(_) = connection {
            if let Err(error) = self.takes(message) {
                return Soon::now(Err(error));
            }
            if let Ok(permit) = Arc::clone(&self.in_flight).try_acquire_owned() {
                return self.publish_through(connection, permit, message, tell);
            }
        }
        let (broker, message) = (self.clone(), message.clone());
        Soon::later(async move {
            let connection = broker.connection.up(ANSWER).await?;
            broker.takes(&message)?;
            let permit = Arc::clone(&broker.in_flight).acquire_owned();
            match tokio::time::timeout(ANSWER, permit).await {
                Ok(Ok(permit)) => broker.publish_through(connection, permit, &message, tell).await,
                // It is never closed.
                Ok(Err(_)) | Err(_) => Err(BrokerError::TimedOut(ANSWER)),
            }
        })
    }

    fn publish_through(
        &self,
        connection: ConnectionState,
        permit: OwnedSemaphorePermit,
        message: &Outgoing,
        tell: impl FnOnce(Result<Stored, BrokerError>) + Send + 'static,
    ) -> Soon<Result<(), BrokerError>> {
        let asked = || {
            let (subject, payload) = (message.subject.clone(), message.payload.clone());
            Ok(Asked { subject, headers: Some(header_map(message)?), payload })
        };
        let (subject, stream) = (message.subject.clone(), message.stream);
        let hear = move |answer: Result<Answer, Silence>| {
            drop(permit);
            tell(match answer.map_err(Silence::of_a_publish) {
                Ok(Answer::Word(sequence)) => Ok(Stored { sequence, duplicate: false }),
                Ok(Answer::Other(message)) => stored(message, &subject, stream),
                Err(error) => Err(error),
            });
        };
        // Of what was sent before, or expects something, the answer says more than how many are stored.
        let shares = message.is_new && message.expected_last_subject_sequence.is_none();
        let by = By { connection: Some(connection), patience: ANSWER, shares };
        let ear = Ear::Word(Whose::Stream(stream), Box::new(hear));
        self.post(asked, by, ear).map(|sent| sent.map(drop))
    }

    /// Whether the server may be sent it at all.
    fn takes(&self, message: &Outgoing) -> Result<(), BrokerError> {
        if message.expected_filter.is_some() {
            // An older one takes no notice, and compares with the message's own subject.
            self.requires(11, "2.11", "expect a last sequence of several subjects")?;
        }
        let (size, limit) = (size::published(message), self.max_payload());
        if size > limit { Err(BrokerError::TooLarge { size, limit }) } else { Ok(()) }
    }
}

fn stored(answer: Message, subject: &Subject, stream: &str) -> Result<Stored, BrokerError> {
    let stored = word(&heard(answer, subject)?.payload, stream)?;
    // Of a copy that is not yet agreed upon, and may be lost with its leader, servers before 2.12 say this; later ones
    // refuse the second copy with this code.
    if stored.duplicate && stored.sequence == 0 {
        let description = "a duplicate of it is in flight".to_owned();
        return Err(BrokerError::Refused { code: IN_FLIGHT, description });
    }
    Ok(stored)
}

/// All headers of a message, those among them that stand in fields of their own.
pub(crate) fn header_map(message: &Outgoing) -> Result<HeaderMap, BrokerError> {
    let mut map = to_header_map(&message.headers)?;
    let id = super::header_value(NATS_MESSAGE_ID.as_ref(), &message.message_id)?;
    map.insert(NATS_MESSAGE_ID, id);
    map.insert(NATS_EXPECTED_STREAM, message.stream);
    if let Some(sequence) = message.expected_last_subject_sequence {
        map.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, HeaderValue::from(sequence));
        if let Some(filter) = &message.expected_filter {
            map.insert(EXPECTED_OF, filter.as_str());
        }
    }
    Ok(map)
}
