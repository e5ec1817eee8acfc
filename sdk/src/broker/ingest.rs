//! A load: the messages of one stream one after the other, without ids to find duplicates by, acknowledged by the hundred.

use super::{Broker, BrokerError, Carrier, Names, Outgoing, embedded, jetstream, size};

/// How far a load has come, in messages from its first one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// So many are in the stream for sure.
    pub stored: u64,
    /// So many may be; none of those behind them.
    pub possible: u64,
}

/// A load under way. Dropped before it is [finished](Self::finish), what was sent of it may be stored.
#[derive(Debug)]
pub(crate) struct Ingest {
    by: IngestBy,
    names: Names,
}

#[derive(Debug)]
enum IngestBy {
    // In a box, like a pull: it is by far the larger one.
    JetStream(Box<jetstream::Ingest>),
    Embedded(embedded::Ingest),
}

impl Broker {
    /// Begins a load. Nothing is sent.
    pub(crate) async fn ingest(&self) -> Result<Ingest, BrokerError> {
        let by = match &self.carrier {
            Carrier::JetStream(broker) => {
                IngestBy::JetStream(Box::new(jetstream::Ingest::begin(broker).await?))
            }
            Carrier::Embedded(broker) => {
                broker.reach().await?;
                IngestBy::Embedded(embedded::Ingest::begin(broker)?)
            }
        };
        Ok(Ingest { by, names: self.names.clone() })
    }

    /// Whether a message may be part of a load, as far as this side knows: once it is put there, it ends the load if it is not.
    pub(crate) fn takes_in_load(&self, message: &Outgoing) -> Result<(), BrokerError> {
        if let Some(name) = message.headers.unsendable() {
            return Err(jetstream::unsendable(name));
        }
        let (size, limit) = (size::in_load(&self.names.outgoing(message)), self.max_payload());
        if size > limit { Err(BrokerError::TooLarge { size, limit }) } else { Ok(()) }
    }
}

impl Ingest {
    /// Sends the next message, and waits while too many are on their way. The first one waits until the stream has said that it
    /// takes loads. All are of its stream.
    ///
    /// # Errors
    /// The load has ended, and [`progress`](Self::progress) says how: nothing more may be sent.
    pub(crate) async fn put(&mut self, message: &Outgoing) -> Result<(), BrokerError> {
        let message = &*self.names.outgoing(message);
        match &mut self.by {
            IngestBy::JetStream(load) => load.put(message).await,
            IngestBy::Embedded(load) => load.put(message).await,
        }
    }

    /// Returns once all that was sent is stored, with the place of the last of it. Something was sent.
    ///
    /// # Errors
    /// The load has ended otherwise, and [`progress`](Self::progress) says how.
    pub(crate) async fn finish(&mut self) -> Result<u64, BrokerError> {
        match &mut self.by {
            IngestBy::JetStream(load) => load.finish().await,
            IngestBy::Embedded(load) => load.finish().await,
        }
    }

    /// How far it has come.
    pub(crate) fn progress(&self) -> Progress {
        match &self.by {
            IngestBy::JetStream(load) => load.progress(),
            IngestBy::Embedded(load) => load.progress(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::headers::Headers;

    #[test]
    fn what_cannot_be_sent_is_told_before_it_is_part_of_a_load() {
        let broker = Broker::new(Carrier::Embedded(embedded::Embedded::new()), Names::default());
        for (name, value, payload, taken) in [
            ("ce-type", "orders.order.created", 10, true),
            ("ce-type", "", 10, true),
            ("ce-typ e", "x", 10, false),
            ("ce-ty:pe", "x", 10, false),
            ("", "x", 10, false),
            ("ce-subject", "a\r\nPUB other 0", 10, false),
            ("ce-subject", "a\n", 10, false),
            ("ce-type", "x", 2_000_000, false),
        ] {
            let mut headers = Headers::new();
            headers.push_received(name, value.to_owned());
            let message = Outgoing {
                subject: "s.a".into(),
                headers,
                payload: Bytes::from(vec![b' '; payload]),
                message_id: "17".into(),
                stream: "S",
                expected_last_subject_sequence: None,
                expected_filter: None,
                claim_check_above: None,
                is_new: false,
            };
            let told = broker.takes_in_load(&message);
            assert_eq!(told.is_ok(), taken, "{name:?}: {value:?}, {payload}: {told:?}");
            // And what is taken, the library takes.
            assert!(!taken || jetstream::to_header_map(&message.headers).is_ok(), "{name:?}");
        }
    }
}
