use std::error::Error;
use std::fmt;

use crate::Version;

/// Why an event cannot be brought to another version.
///
/// Every error becomes one with `?`; a reason in words with [`because`](Self::because).
///
/// ```
/// use tidings::UpcastError;
///
/// fn cents(price: &str) -> Result<i64, UpcastError> {
///     let (euros, cents) = price.split_once('.').ok_or_else(|| UpcastError::because("no price"))?;
///     Ok(euros.parse::<i64>()? * 100 + cents.parse::<i64>()?)
/// }
/// assert_eq!(cents("12.50").ok(), Some(1250));
/// ```
pub struct UpcastError(Box<dyn Error + Send + Sync>);

impl UpcastError {
    /// For an error or a reason in words.
    pub fn because(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for UpcastError {
    fn from(error: E) -> Self {
        Self::because(error)
    }
}

impl fmt::Display for UpcastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for UpcastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UpcastError").field(&self.0).finish()
    }
}

/// A link of a chain of upcasts did not hold.
#[derive(Debug, thiserror::Error)]
#[error("`{event_type}` cannot be upcast from version {from} to {to}: {reason}")]
#[non_exhaustive]
pub struct UpcastFailed {
    /// The event.
    pub event_type: &'static str,
    /// The version before the link.
    pub from: Version,
    /// The version behind it.
    pub to: Version,
    /// Why not.
    pub reason: UpcastError,
}
