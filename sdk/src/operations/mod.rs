//! What whoever operates a service needs.

#[cfg(feature = "admin")]
pub mod admin;
pub mod health;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(not(feature = "metrics"))]
pub(crate) mod metrics;
#[cfg(feature = "otlp")]
pub mod otlp;
#[cfg(feature = "prometheus")]
pub mod prometheus;
mod status;
pub mod topology;
pub(crate) mod traces;

pub use status::SubscriptionStatus;
