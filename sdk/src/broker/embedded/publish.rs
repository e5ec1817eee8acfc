//! Messages on their way into a stream, and the word of what became of them.

use std::task::{Context, Poll, Waker};

use futures_util::future::Either;
use tokio::task::coop::consume_budget;

use super::faults::Point;
use super::{Embedded, MAX_PAYLOAD};
use crate::broker::{BrokerError, Outgoing, Stored, size};

impl Embedded {
    /// Stores a message. Unless something happens to it on the way, it is stored when this returns, and the future only
    /// tells what came of it.
    pub(crate) fn send(
        &self,
        message: &Outgoing,
    ) -> Result<impl Future<Output = Result<Stored, BrokerError>> + Send + use<>, BrokerError> {
        let (size, limit) = (size::published(message), MAX_PAYLOAD);
        if self.is_closed() {
            return Err(BrokerError::Closed);
        }
        if size > limit {
            return Err(BrokerError::TooLarge { size, limit });
        }
        let sent = match self.faults.at(Point::Publish) {
            None if self.link.is_up() => Either::Left(std::future::ready(self.store(message))),
            fault => {
                let message = message.clone();
                let expects = message.expected_last_subject_sequence.is_some();
                let store = move |broker: &Self| broker.store(&message);
                Either::Right(Box::pin(self.clone().send_through(store, fault, expects)))
            }
        };
        Ok(async move {
            // Nothing else here ever waits, and whoever publishes in a loop would keep the consumers from running.
            consume_budget().await;
            sent.await
        })
    }

    /// Stores messages all or not at all.
    pub(crate) fn send_atomically(
        &self,
        messages: &[Outgoing],
    ) -> Result<impl Future<Output = Result<Stored, BrokerError>> + Send + use<>, BrokerError> {
        if self.is_closed() {
            return Err(BrokerError::Closed);
        }
        let (size, limit) = (messages.iter().map(size::in_batch).max(), MAX_PAYLOAD);
        if let Some(size) = size.filter(|size| *size > limit) {
            return Err(BrokerError::TooLarge { size, limit });
        }
        let messages = messages.to_vec();
        let expects = messages.iter().any(|one| one.expected_last_subject_sequence.is_some());
        let fault = self.faults.at(Point::Publish);
        let store = move |broker: &Self| broker.store_all(&messages);
        let sent = match fault {
            None if self.link.is_up() => Either::Left(std::future::ready(store(self))),
            fault => Either::Right(Box::pin(self.clone().send_through(store, fault, expects))),
        };
        Ok(async move {
            consume_budget().await;
            sent.await
        })
    }

    pub(crate) async fn remembered(&self, message: &Outgoing) -> Result<Option<u64>, BrokerError> {
        self.reach().await?;
        self.with_stream(message.stream, |stream, now| {
            Ok(stream.remembered(&message.message_id, now))
        })
    }

    fn store(&self, message: &Outgoing) -> Result<Stored, BrokerError> {
        self.with_state(|state, now| state.store(message, self.clock, now))
    }

    fn store_all(&self, messages: &[Outgoing]) -> Result<Stored, BrokerError> {
        self.with_state(|state, now| {
            messages.iter().for_each(|message| state.ears.overhear(message));
            let name = messages.first().map_or("", |message| message.stream);
            for message in messages {
                state.holder(message, now)?;
            }
            let stream = state.streams.get_mut(name);
            let stream = stream.ok_or_else(|| BrokerError::StreamMissing(name.into()))?;
            stream.store_all(messages, self.clock.time_at(now), now)
        })
    }
}

/// Tells a word of the embedded broker, which is here at once, unless a fault was asked for, or the task has had its time.
pub(in crate::broker) fn told<T: Send + 'static>(
    word: impl Future<Output = T> + Send + 'static,
    tell: impl FnOnce(T) + Send + 'static,
) {
    let mut word = Box::pin(word);
    match word.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(word) => tell(word),
        Poll::Pending => drop(tokio::spawn(async move { tell(word.await) })),
    }
}
