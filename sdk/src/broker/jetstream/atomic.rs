//! Messages that are stored all or not at all, by the server's own protocol: each says which batch it is of and its
//! place there, the last one commits.

use std::borrow::Cow;
use std::future::ready;

use async_nats::HeaderMap;
use bytes::Bytes;
use futures_util::future::Either;
use serde::Deserialize;
use uuid::Uuid;

use super::answers::Asked;
use super::publish::header_map;
use super::word::word;
use super::{ANSWER, JetStream};
use crate::broker::{BrokerError, Outgoing, ROLLUP, Scattered, Stored, size};

/// A value that no server knows, so that it refuses the message; but before that it looks whether it knows the id.
const NO_ROLLUP: (&str, &str) = (ROLLUP, "tidings-asks-for-the-id");
/// What it refuses it with.
const ROLLUP_REFUSED: u64 = 10111;

pub(super) async fn send(
    broker: &JetStream,
    messages: &[Outgoing],
    scattered: Scattered,
) -> Result<impl Future<Output = Result<Stored, BrokerError>> + Send + use<>, BrokerError> {
    broker.reach().await?;
    broker.requires_2_12("store several events all or not at all")?;
    let limit = broker.library().client.max_payload();
    let sizes = messages.iter().map(size::in_batch);
    if let Some(size) = sizes.max().filter(|size| *size > limit) {
        return Err(BrokerError::TooLarge { size, limit });
    }
    let batch = Uuid::now_v7().to_string();
    let mut headers = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let mut map = header_map(message)?;
        map.insert("Nats-Batch-Id", batch.as_str());
        map.insert("Nats-Batch-Sequence", (index + 1).to_string());
        headers.push(map);
    }
    let (Some((last, before)), Some(mut commit)) = (messages.split_last(), headers.pop()) else {
        return Err(BrokerError::Refused { code: 0, description: "an empty batch".into() });
    };
    commit.insert("Nats-Batch-Commit", "1");
    let mut on_their_way = Vec::with_capacity(messages.len());
    for (index, (message, headers)) in before.iter().zip(headers).enumerate() {
        let handed = match index {
            // The answer to the first tells whether the stream takes batches at all.
            0 if scattered == Scattered::Possible => match ask(broker, message, headers).await {
                Ok(empty) if empty.is_empty() => Ok(()),
                // An older leader has stored it, by itself.
                Ok(answer) => word(&answer, message.stream).and(Err(BrokerError::Scattered)),
                Err(error) => Err(error),
            },
            _ => {
                on_their_way.push(broker.connection.begin(&message.subject));
                hand_over(broker, message, headers).await
            }
        };
        match handed {
            Ok(()) => {}
            // Nobody knows which leader has it, and an older one stores it by itself.
            Err(error) if error.is_unreachable() || matches!(error, BrokerError::Closed) => {
                return Ok(Either::Left(ready(Err(error))));
            }
            Err(error) => return Err(error),
        }
    }
    let (broker, last, messages) = (broker.clone(), last.clone(), messages.len() as u64);
    Ok(Either::Right(async move {
        let answer = ask(&broker, &last, commit).await?;
        let stored = word(&answer, last.stream)?;
        if !is_of(&answer, &batch, messages) || stored.sequence < messages {
            return Err(BrokerError::Scattered);
        }
        // They have all come through.
        for mut one in on_their_way {
            let _ = one.heard(Ok(()));
        }
        Ok(stored)
    }))
}

/// Whether the word is of the whole batch. A leader that knows no batches speaks of the last message alone.
fn is_of(answer: &[u8], batch: &str, messages: u64) -> bool {
    #[derive(Deserialize)]
    struct Together<'a> {
        #[serde(borrow)]
        batch: Cow<'a, str>,
        count: u64,
    }
    serde_json::from_slice::<Together<'_>>(answer)
        .is_ok_and(|together| together.batch == batch && together.count == messages)
}

/// The place of the message that the stream remembers under this one's id.
pub(super) async fn remembered(
    broker: &JetStream,
    message: &Outgoing,
) -> Result<Option<u64>, BrokerError> {
    let bare = Outgoing {
        headers: crate::Headers::new(),
        payload: Bytes::new(),
        expected_last_subject_sequence: None,
        expected_filter: None,
        ..message.clone()
    };
    let mut headers = header_map(&bare)?;
    headers.insert(NO_ROLLUP.0, NO_ROLLUP.1);
    match word(&ask(broker, &bare, headers).await?, bare.stream) {
        Ok(stored) => Ok(Some(stored.sequence)),
        Err(BrokerError::Refused { code: ROLLUP_REFUSED, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn ask(
    broker: &JetStream,
    message: &Outgoing,
    headers: HeaderMap,
) -> Result<Bytes, BrokerError> {
    let (subject, payload) = (message.subject.as_str().into(), message.payload.clone());
    let asked = Asked { subject, headers: Some(headers), payload };
    broker.answer(asked, ANSWER).await.map(|message| message.payload)
}

/// Without an answer: what is missing is found out at the commit.
async fn hand_over(
    broker: &JetStream,
    message: &Outgoing,
    headers: HeaderMap,
) -> Result<(), BrokerError> {
    let client = &broker.library().client;
    let (subject, payload) = (message.subject.clone(), message.payload.clone());
    let sent = client.publish_with_headers(subject, headers, payload);
    match tokio::time::timeout(ANSWER, sent).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(BrokerError::Unavailable(error.to_string())),
        Err(_) => Err(BrokerError::TimedOut(ANSWER)),
    }
}
