//! In a bucket of JetStream: a key for each event, which holds who handles it, or that it was handled.
//!
//! No clock is compared with another: a claim is over once somebody has seen it unchanged for as long as it says that it lasts.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use super::wait::Pauses;
use super::{InboxError, Mark, Terms};
use crate::kv::{Bucket, KvError};

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// Somebody handles it, and says so again before this time is over.
    Claimed { by: Uuid, for_ms: u64 },
    /// It was handled.
    Handled,
}

#[derive(Debug)]
pub(super) struct Claim {
    bucket: Bucket,
    key: String,
    value: String,
    /// Before it was asked for.
    pub(super) since: Instant,
    /// The revision that the claim has by now.
    revision: Mutex<u64>,
}

/// None where the event was handled. Waits while somebody handles it.
pub(super) async fn enter(
    bucket: &Bucket,
    mark: &Mark,
    terms: &Terms,
) -> Result<Option<Claim>, InboxError> {
    let key = key(mark);
    let by = Uuid::now_v7();
    let for_ms = u64::try_from(terms.lease.as_millis()).unwrap_or(u64::MAX);
    let value = json(&Standing::Claimed { by, for_ms });
    let claim = |revision, since| Claim {
        since,
        bucket: bucket.clone(),
        key: key.clone(),
        value: value.clone(),
        revision: Mutex::new(revision),
    };
    let mut pauses = Pauses::new();
    let mut since = Instant::now();
    let mut written = bucket.create(&key, value.clone()).await;
    // The claim of somebody else, since when it is the last word, and how long it lasts.
    let mut other: Option<(u64, Instant)> = None;
    loop {
        match written {
            Ok(revision) => return Ok(Some(claim(revision, since))),
            // It may be there: the key says so.
            Err(KvError::Conflict { .. } | KvError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let now = Instant::now();
        let Some(entry) = bucket.get(&key).await? else {
            since = now;
            written = bucket.create(&key, value.clone()).await;
            continue;
        };
        let for_ms = match serde_json::from_slice(&entry.value) {
            Ok(Standing::Handled) => return Ok(None),
            Ok(Standing::Claimed { by: holder, .. }) if holder == by => {
                return Ok(Some(claim(entry.revision, since)));
            }
            Ok(Standing::Claimed { for_ms, .. }) => for_ms,
            // Not ours, whatever it is: taken for a claim, so that it is not in the way for ever.
            Err(_) => for_ms,
        };
        let unchanged = match other {
            Some((revision, unchanged)) if revision == entry.revision => unchanged,
            _ => now,
        };
        other = Some((entry.revision, unchanged));
        if now.duration_since(unchanged) >= Duration::from_millis(for_ms) {
            since = now;
            written = bucket.update(&key, value.clone(), entry.revision).await;
            other = None;
        } else {
            pauses.wait().await;
            written = Err(KvError::Conflict { key: key.clone(), revision: entry.revision });
        }
    }
}

impl Claim {
    /// Says that it is still being handled. False where somebody else does so by now.
    pub(super) async fn renew(&self) -> Result<bool, InboxError> {
        let mut revision = self.revision.lock().await;
        match self.bucket.update(&self.key, self.value.clone(), *revision).await {
            Ok(renewed) => {
                *revision = renewed;
                Ok(true)
            }
            // An earlier attempt, of which nobody heard, may have been written.
            Err(KvError::Conflict { .. } | KvError::Unknown { .. }) => {
                let entry = self.bucket.get(&self.key).await?;
                let ours = entry.filter(|entry| entry.value == self.value.as_bytes());
                if let Some(entry) = &ours {
                    *revision = entry.revision;
                }
                Ok(ours.is_some())
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn done(&self) -> Result<(), InboxError> {
        // Whoever may have claimed it since: the effect is there.
        self.bucket.put(&self.key, json(&Standing::Handled)).await?;
        Ok(())
    }

    pub(super) async fn release(&self) -> Result<(), InboxError> {
        let revision = self.revision.lock().await;
        match self.bucket.delete_at(&self.key, *revision).await {
            Ok(()) => Ok(()),
            // A renewal of which nobody heard may have come before.
            Err(KvError::Conflict { .. }) => {
                let entry = self.bucket.get(&self.key).await?;
                let ours = entry.filter(|entry| entry.value == self.value.as_bytes());
                let Some(entry) = ours else { return Ok(()) };
                match self.bucket.delete_at(&self.key, entry.revision).await {
                    Ok(()) | Err(KvError::Conflict { .. }) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn json(standing: &Standing) -> String {
    // Two words and a number: it cannot fail.
    serde_json::to_string(standing).unwrap_or_default()
}

/// Subscription, source and id, each as it is where it can be, and by its hash where it cannot.
fn key(mark: &Mark) -> String {
    let token = |text: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/' | b'_');
        if !text.is_empty() && text.bytes().all(fits) {
            return text.to_owned();
        }
        format!("={}", Uuid::new_v5(&Uuid::NAMESPACE_URL, text.as_bytes()).simple())
    };
    format!("{}.{}.{}", token(mark.subscription), token(&mark.source), token(&mark.event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::envelope::Envelope;

    #[test]
    fn keys_are_readable_where_they_can_be_and_never_the_same_for_two() {
        let key_of = |source: &str, id: &str| {
            let (source, id) = (source.into(), id.into());
            key(&Mark::new("billing-invoicing", &Envelope { id, source, ..Envelope::default() }))
        };
        assert_eq!(key_of("/giia/orders", "0190b7a4"), "billing-invoicing./giia/orders.0190b7a4");
        let odd = key_of("urn:x", "a.b c");
        assert!(odd.starts_with("billing-invoicing.=") && odd.split('.').count() == 3, "{odd}");
        assert_ne!(odd, key_of("urn:x", "a.b d"));
        let hash = odd.rsplit('.').next().expect("the id");
        assert_ne!(odd, key_of("urn:x", hash), "an id that is such a hash has another");
    }

    #[test]
    fn what_stands_in_the_bucket_is_readable() {
        let claim = Standing::Claimed { by: Uuid::nil(), for_ms: 30_000 };
        assert_eq!(
            json(&claim),
            r#"{"claimed":{"by":"00000000-0000-0000-0000-000000000000","for_ms":30000}}"#
        );
        assert_eq!(json(&Standing::Handled), r#""handled""#);
    }

    /// The answer to a renewal was lost, so the claim has a revision that its holder does not know.
    #[tokio::test(start_paused = true)]
    async fn what_is_given_free_is_free_after_a_renewal_that_nobody_heard_of() {
        let bus = crate::Tidings::embedded();
        let config = crate::kv::BucketConfig::new("inbox");
        let bucket = bus.ensure_bucket(&config).await.expect("a bucket");
        let envelope = Envelope { id: "a".into(), ..Envelope::default() };
        let mark = Mark::new("billing-invoicing", &envelope);
        let second = Duration::from_secs(1);
        let terms = Terms { lease: second, retention: None, patience: second };
        let claim = enter(&bucket, &mark, &terms).await.expect("answered").expect("new");
        let entry = bucket.get(&claim.key).await.expect("readable").expect("claimed");
        bucket.update(&claim.key, entry.value, entry.revision).await.expect("renewed");
        claim.release().await.expect("released");
        assert!(bucket.get(&claim.key).await.expect("readable").is_none());
    }
}
