use std::borrow::Cow;

use super::{Claim, bucket};
use crate::message::envelope::Data;
use crate::objects::{ObjectError, Objects};
use crate::{BrokerError, EnvelopeError, Tidings};

/// A payload cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The message is not an event that can be read.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The message says that it is where no payload of its stream is put.
    #[error(
        "the payload is said to be in the bucket `{bucket}`, and those of `{stream}` are in `{own}`"
    )]
    Elsewhere {
        /// Where it is said to be.
        bucket: String,
        /// The event's stream.
        stream: String,
        /// The bucket of the stream's payloads.
        own: String,
    },
    /// It is not there, or not any more.
    #[error("the payload is gone: the bucket `{bucket}` has no object `{object}`")]
    Missing {
        /// The bucket.
        bucket: String,
        /// The object.
        object: String,
    },
    /// It is damaged, or the broker does not give it.
    #[error("the payload cannot be fetched")]
    Object(#[from] ObjectError),
}

impl PayloadError {
    /// Whether to ask again changes nothing.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Envelope(_) | Self::Elsewhere { .. } => true,
            Self::Missing { .. } | Self::Object(_) => false,
        }
    }

    /// The broker's word, where it is about that.
    pub(crate) fn broker_error(&self) -> Option<&BrokerError> {
        match self {
            Self::Object(
                ObjectError::Broker { source, .. } | ObjectError::Unknown { source, .. },
            ) => Some(source),
            _ => None,
        }
    }
}

/// The payload of an event of `stream`, wherever it is.
pub(crate) async fn resolve<'a>(
    bus: &Tidings,
    stream: &str,
    data: &'a Data<'_>,
) -> Result<Cow<'a, str>, PayloadError> {
    match data {
        Data::Here(text) => Ok(Cow::Borrowed(text)),
        Data::There(claim) => Box::pin(fetch(bus, stream, claim)).await.map(Cow::Owned),
    }
}

/// The payload of an event of `stream` that lies elsewhere.
pub(crate) async fn fetch(
    bus: &Tidings,
    stream: &str,
    claim: &Claim,
) -> Result<String, PayloadError> {
    let own = bucket(stream);
    // Who may publish must not choose which of our buckets we read.
    if claim.bucket != own {
        let (bucket, stream) = (claim.bucket.clone(), stream.to_owned());
        return Err(PayloadError::Elsewhere { bucket, stream, own });
    }
    let limit = bus.largest_payload();
    let objects: Objects = bus.objects(own)?;
    let Some(mut reader) = objects.read(&claim.object).await? else {
        let (bucket, object) = (claim.bucket.clone(), claim.object.clone());
        return Err(PayloadError::Missing { bucket, object });
    };
    if reader.info().size > limit as u64 {
        return Err(EnvelopeError::TooLarge { limit }.into());
    }
    if let Some(digest) = &claim.digest {
        reader.expect(digest.clone());
    }
    let whole = reader.whole().await?;
    String::from_utf8(whole).map_err(|_| EnvelopeError::Encoding.into())
}
