//! From a stored message to the event as it was published: read, fetched from where its payload lies, and decrypted.

use std::borrow::Cow;

use super::claim;
use super::envelope::{self, Data, Envelope, EnvelopeError, Received};
use crate::broker::Read;
use crate::{BrokerError, EncryptionError, PayloadError, Tidings, encryption};

/// Reads the attributes of a message, and where its payload is.
pub(crate) fn received<'a>(bus: &Tidings, read: &'a Read) -> Result<Received<'a>, EnvelopeError> {
    match &read.malformed {
        Some(fault) => Err(EnvelopeError::Headers(fault.clone())),
        None => {
            let message = &read.message;
            envelope::read(&message.headers, &message.payload, bus.largest_payload())
        }
    }
}

/// The payload of an event of `stream` with plain values, and with what stands for the erased ones.
pub(crate) async fn opened<'d>(
    bus: &Tidings,
    stream: &str,
    envelope: &Envelope,
    data: &'d Data<'_>,
) -> Result<Cow<'d, str>, OpenError> {
    let data = claim::resolve(bus, stream, data).await?;
    Ok(match encryption::open(bus, envelope, &data).await? {
        Some(plain) => Cow::Owned(plain),
        None => data,
    })
}

/// Why the payload of an event cannot be had as it was published.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Payload(#[from] PayloadError),
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
}

impl OpenError {
    /// Whether nothing is known of the event that would keep it from being read: somebody who is asked does not answer.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Payload(error) => error.broker_error().is_some_and(BrokerError::is_transient),
            Self::Encryption(error) => error.is_transient(),
        }
    }
}
