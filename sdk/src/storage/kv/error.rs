use crate::BrokerError;

/// A bucket did not do what it was asked.
///
/// ```
/// use tidings::kv::{BucketConfig, KvError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// let counters = bus.ensure_bucket(&BucketConfig::new("counters")).await?;
/// counters.put("visits", "0").await?;
/// let next = loop {
///     let visits = counters.get("visits").await?.expect("it was put there");
///     let count = String::from_utf8_lossy(&visits.value).parse::<u64>()? + 1;
///     match counters.update("visits", count.to_string(), visits.revision).await {
///         Ok(_) => break count,
///         Err(KvError::Conflict { .. }) => continue, // somebody was faster: look again
///         // It may have been written: counting once more would be wrong.
///         Err(error @ KvError::Unknown { .. }) => return Err(error.into()),
///         Err(error) => return Err(error.into()),
///     }
/// };
/// assert_eq!(next, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KvError {
    /// Not the name of a bucket.
    #[error("{name:?} cannot be a bucket's name: 1 to 200 letters, digits, `_` and `-`")]
    BucketName {
        /// What was given.
        name: String,
    },
    /// Not a key.
    #[error(
        "{key:?} cannot be a key: letters, digits, `-`, `/`, `_` and `=`, in parts separated by single dots, 1024 bytes at most"
    )]
    Key {
        /// What was given.
        key: String,
    },
    /// The key holds another value than expected. Nothing was written.
    #[error("the key `{key}` has revision {revision}, not the expected one")]
    Conflict {
        /// The key.
        key: String,
        /// The revision of its last value or deletion, 0 for none.
        revision: u64,
    },
    /// No answer came in time: it may have been written, or not.
    #[error("it is unknown whether `{key}` was written")]
    Unknown {
        /// The key.
        key: String,
        /// What came of the last attempt.
        source: BrokerError,
    },
    /// The broker could not be asked, or said no. Nothing was written.
    #[error("the bucket `{bucket}` could not be used")]
    Broker {
        /// The bucket.
        bucket: String,
        /// The broker's word.
        source: BrokerError,
    },
}
