use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use uuid::Uuid;

use super::{Claim, bucket};
use crate::broker::{MESSAGE_ID, Outgoing, StoredMessage};
use crate::message::envelope::{self, Data};
use crate::objects::{ObjectError, Objects};
use crate::{BrokerError, Outcome, PublishError, Tidings};

/// What a message leaves free for the headers of the dead letter that it may become.
const ROOM: usize = 4096;
/// How long it is tried to remove what nobody needs. After that it is left until it is too old.
const REMOVING: Duration = Duration::from_secs(5);
/// The same for many, of which so many are removed at once.
const REMOVING_ALL: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 32;

/// A payload that was put aside for one message.
#[derive(Debug)]
pub(crate) struct Left {
    objects: Objects,
    object: String,
}

/// Whether the payload of a message is to be put aside.
pub(crate) fn is_due(bus: &Tidings, message: &Outgoing) -> bool {
    message.claim_check_above.is_some_and(|above| {
        message.payload.len() as u64 > above || !bus.broker().takes(message, ROOM)
    })
}

/// Puts the payload of a message aside where the message is too large with it. Returns once it is stored; after an error
/// the message is as it was.
pub(crate) async fn leave(
    bus: &Tidings,
    message: &mut Outgoing,
) -> Result<Option<Left>, BrokerError> {
    match is_due(bus, message) {
        false => Ok(None),
        // In a box: a rare way must not make every publish's future large.
        true => Box::pin(put_aside(bus, message)).await.map(Some),
    }
}

async fn put_aside(bus: &Tidings, message: &mut Outgoing) -> Result<Left, BrokerError> {
    let refused = |error: &dyn std::error::Error| BrokerError::Refused {
        code: 0,
        description: format!("its payload cannot be put aside: {error}"),
    };
    let body = message.payload.clone();
    let detached = envelope::detach(&message.headers, body, bus.largest_payload());
    let detached = detached.map_err(|error| refused(&error))?;
    let bucket = bucket(message.stream);
    // Its own: what is published once more under its id must neither replace it nor, if refused, remove it.
    let object = format!("{}.{}", message.message_id, Uuid::now_v7().simple());
    let objects = bus.objects(bucket.as_str()).map_err(|error| refused(&error))?;
    let put = objects.put(&object, detached.data().clone()).await;
    let info = put.map_err(ObjectError::into_broker_error)?;
    tracing::debug!(
        id = message.message_id,
        bucket,
        object,
        bytes = info.size,
        "payload put aside"
    );
    let claim =
        Claim { bucket, object: object.clone(), size: Some(info.size), digest: info.digest };
    (message.headers, message.payload) = detached.finish(claim.attributes());
    message.claim_check_above = None;
    Ok(Left { objects, object })
}

impl Left {
    /// Removes it where the message is not stored, or was stored before, with an object of its own. What may be stored
    /// keeps its payload.
    pub(crate) async fn settle(self, word: Result<Outcome, &PublishError>) {
        let outcome = word.unwrap_or_else(PublishError::outcome);
        if matches!(outcome, Outcome::Duplicate | Outcome::Rejected | Outcome::Conflict) {
            Box::pin(self.remove()).await;
        }
    }

    pub(crate) async fn remove(self) {
        let Self { objects, object } = self;
        let removed = tokio::time::timeout(REMOVING, objects.delete(&object)).await;
        let fault = match removed {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {REMOVING:?}"),
        };
        let bucket = objects.name();
        tracing::warn!(
            bucket,
            object,
            fault,
            "a payload that nobody needs stays until it is too old"
        );
    }
}

/// Removes payloads that nobody needs.
pub(crate) async fn remove_all(unneeded: Vec<Left>) {
    if unneeded.is_empty() {
        return;
    }
    let payloads = unneeded.len();
    let removing = stream::iter(unneeded).for_each_concurrent(AT_ONCE, Left::remove);
    if tokio::time::timeout(REMOVING_ALL, removing).await.is_err() {
        tracing::warn!(
            payloads,
            "not all payloads that nobody needs were removed within {REMOVING_ALL:?}: they stay until they are too old"
        );
    }
}

/// Removes the payload of a message of `stream` that is taken back.
pub(crate) async fn withdraw(bus: &Tidings, stream: &str, message: &StoredMessage) {
    let Some(claim) = own_claim(bus, stream, message) else { return };
    if let Ok(objects) = bus.objects(claim.bucket) {
        Left { objects, object: claim.object }.remove().await;
    }
}

/// Where the payload of a message was put aside for it, and for it alone: who may publish must not choose what is removed.
pub(crate) fn own_claim(bus: &Tidings, stream: &str, message: &StoredMessage) -> Option<Claim> {
    let received = envelope::read(&message.headers, &message.payload, bus.largest_payload());
    let Ok(Data::There(claim)) = received.map(|received| received.data) else { return None };
    let id = message.headers.get(MESSAGE_ID)?;
    let is_own = claim.bucket == bucket(stream)
        && claim.object.strip_prefix(id).is_some_and(|rest| rest.starts_with('.'));
    is_own.then_some(claim)
}
