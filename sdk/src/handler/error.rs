use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What a handler answers: `Ok(())`, or why not.
pub type Handled = Result<(), HandlerError>;

/// Why an event was not handled, and what is to happen with it.
///
/// Every error that `?` converts is tried again by the catalog's policy. [`Reject`] sends the event to the dead letters
/// at once, [`RetryAfter`] says when to try again.
///
/// ```
/// use tidings::{Handled, Reject};
///
/// fn charge(amount: i64) -> Handled {
///     let _config = std::fs::read_to_string("/dev/null")?;     // any error: tried again
///     if amount < 0 {
///         return Err(Reject::because("a negative amount"))?;   // never again
///     }
///     Ok(())
/// }
/// # charge(1).unwrap();
/// ```
///
/// ```
/// use tidings::{HandlerError, Reject};
///
/// let error = HandlerError::from(Reject::because("no such customer"));
/// assert_eq!(error.chain().collect::<Vec<_>>(), ["no such customer"]);
/// ```
pub struct HandlerError {
    verdict: Verdict,
    source: Box<dyn Error + Send + Sync>,
}

/// What is to happen with an event that was not handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Try again by the catalog's policy.
    Retry,
    /// Try again after this time, as long as the catalog's attempts last.
    RetryAfter(Duration),
    /// To the dead letters, now.
    Reject,
}

impl HandlerError {
    pub(crate) fn retry(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { verdict: Verdict::Retry, source: source.into() }
    }

    pub(crate) fn reject(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { verdict: Verdict::Reject, source: source.into() }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The error and its causes, outermost first.
    pub fn chain(&self) -> impl Iterator<Item = String> {
        let mut next: Option<&(dyn Error + 'static)> = Some(&*self.source);
        std::iter::from_fn(move || {
            let error = next?;
            next = error.source();
            Some(error.to_string())
        })
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::retry(error)
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, error) in self.chain().enumerate() {
            let separator = if depth == 0 { "" } else { ": " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerError")
            .field("verdict", &self.verdict)
            .field("source", &self.source)
            .finish()
    }
}

/// The event can never be handled: it goes to the dead letters at once.
///
/// ```
/// use tidings::{Handled, Reject};
///
/// fn charge(currency: &str) -> Handled {
///     match currency {
///         "EUR" => Ok(()),
///         other => Err(Reject::because(format!("nobody pays in {other} here")))?,
///     }
/// }
/// assert!(charge("XXX").is_err());
/// ```
#[derive(Debug)]
pub struct Reject(Box<dyn Error + Send + Sync>);

impl Reject {
    /// Rejects for an error or a reason in words.
    pub fn because(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }
}

impl From<Reject> for HandlerError {
    fn from(Reject(source): Reject) -> Self {
        Self::reject(source)
    }
}

/// The event can be handled later: it is tried again after a time of the handler's choice, as long as the catalog's
/// attempts last.
///
/// ```
/// use std::time::Duration;
///
/// use tidings::{Handled, RetryAfter};
///
/// fn ask(busy_for: Option<Duration>) -> Handled {
///     match busy_for {
///         None => Ok(()),
///         Some(time) => Err(RetryAfter::new(time, "the provider is busy"))?,
///     }
/// }
/// assert!(ask(Some(Duration::from_secs(60))).is_err());
/// ```
#[derive(Debug)]
pub struct RetryAfter {
    delay: Duration,
    source: Box<dyn Error + Send + Sync>,
}

impl RetryAfter {
    /// Tries again after `delay`, for an error or a reason in words.
    pub fn new(delay: Duration, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { delay, source: reason.into() }
    }
}

impl From<RetryAfter> for HandlerError {
    fn from(RetryAfter { delay, source }: RetryAfter) -> Self {
        Self { verdict: Verdict::RetryAfter(delay), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handled(outcome: impl FnOnce() -> Handled) -> HandlerError {
        outcome().expect_err("not handled")
    }

    #[test]
    fn errors_become_verdicts() {
        let plain = handled(|| Ok("x".parse::<i32>().map(drop)?));
        assert_eq!(plain.verdict(), Verdict::Retry);
        let rejected = handled(|| Err(Reject::because("no such customer"))?);
        assert_eq!(rejected.verdict(), Verdict::Reject);
        assert_eq!(rejected.to_string(), "no such customer");
        let delay = Duration::from_secs(60);
        let later = handled(|| Err(RetryAfter::new(delay, "rate limited"))?);
        assert_eq!(later.verdict(), Verdict::RetryAfter(delay));
    }
}
