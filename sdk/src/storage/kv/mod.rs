//! Keys and values, kept by the broker: JetStream's buckets, which every NATS client and the `nats` command read too.
//!
//! ```
//! use tidings::Tidings;
//! use tidings::kv::{BucketConfig, KvError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), KvError> {
//! # let bus = Tidings::embedded();
//! let rates = bus.ensure_bucket(&BucketConfig::new("rates")).await?;
//!
//! let first = rates.put("eur.usd", "1.08").await?;
//! let entry = rates.get("eur.usd").await?.expect("it was put there");
//! assert_eq!((&entry.value[..], entry.revision), (&b"1.08"[..], first));
//!
//! rates.update("eur.usd", "1.09", first).await?; // only where nobody was faster
//! let late = rates.update("eur.usd", "1.10", first).await;
//! assert!(matches!(late, Err(KvError::Conflict { .. })));
//! # Ok(())
//! # }
//! ```

mod bucket;
mod config;
mod error;
mod name;
mod write;

pub use self::bucket::{Bucket, Entry};
pub use self::config::BucketConfig;
pub use self::error::KvError;
