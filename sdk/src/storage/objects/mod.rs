//! Objects of any size, kept by the broker: JetStream's Object Store, which every NATS client and the `nats` command read
//! too.
//!
//! ```
//! use tidings::Tidings;
//! use tidings::objects::{ObjectError, ObjectsConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ObjectError> {
//! # let bus = Tidings::embedded();
//! let scans = bus.ensure_objects(&ObjectsConfig::new("scans")).await?;
//!
//! let put = scans.put("2026/invoice-7.pdf", vec![0; 300_000]).await?;
//! assert_eq!((put.size, put.chunks), (300_000, 3));
//!
//! let mut reader = scans.read("2026/invoice-7.pdf").await?.expect("it was put there");
//! while let Some(chunk) = reader.next().await? {
//!     assert!(chunk.len() <= 128 * 1024); // never more than one in memory
//! }
//! scans.delete("2026/invoice-7.pdf").await?;
//! assert!(scans.info("2026/invoice-7.pdf").await?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! What is read is checked against its SHA-256 digest.

mod config;
mod digest;
mod error;
mod info;
mod name;
mod read;
mod store;

pub use self::config::ObjectsConfig;
pub use self::error::ObjectError;
pub use self::info::ObjectInfo;
pub use self::read::ObjectReader;
pub use self::store::Objects;
