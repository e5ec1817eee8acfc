//! How a handler ended, and what that means for its event.

use std::time::Duration;

use super::DispatchError;
use super::report::Outcome;
use crate::EncryptionError;
use crate::dead_letter::Reason;
use crate::handler::{Handled, HandlerError, Verdict};
use crate::operations::metrics::Failing;

/// How a handler ended.
pub(super) enum Ended {
    Answered(Handled),
    /// It was handled before.
    Repeated,
    /// Another instance has taken it over.
    Lost,
    /// The subscription takes the same fact in another version.
    Skipped,
    Undispatched(DispatchError),
    /// Its values cannot be decrypted, at least for now.
    Locked(EncryptionError),
    Panicked(String),
    TimedOut,
    /// The run is over, and the handler was not.
    Aborted,
}

/// What an end means for the event.
pub(super) enum Judgement {
    /// To be acknowledged.
    Done(Outcome),
    /// To be asked again at once, without an attempt spent.
    Again,
    /// For another instance, or later.
    HandBack,
    /// No further attempt would change anything.
    Hopeless(Reason, HandlerError),
    /// Another attempt may succeed.
    Failed(Reason, HandlerError),
}

impl Ended {
    /// Whether a handler was called and came to its end, or could not be called although nothing is wrong with the event.
    pub(super) fn is_of_handler(&self) -> bool {
        match self {
            Self::Answered(_) | Self::Panicked(_) | Self::TimedOut => true,
            Self::Locked(error) => error.is_transient(),
            Self::Repeated | Self::Lost | Self::Skipped | Self::Undispatched(_) | Self::Aborted => {
                false
            }
        }
    }

    /// How the attempt failed, where it did.
    pub(super) fn failing(&self) -> Option<Failing> {
        match self {
            Self::Answered(Err(error)) if matches!(error.verdict(), Verdict::Reject) => {
                Some(Failing::Rejected)
            }
            Self::Answered(Err(_)) => Some(Failing::Failed),
            Self::Locked(error) if error.is_transient() => Some(Failing::Failed),
            Self::Panicked(_) => Some(Failing::Panicked),
            Self::TimedOut => Some(Failing::TimedOut),
            Self::Locked(_) | Self::Undispatched(_) => Some(Failing::Undecodable),
            Self::Answered(Ok(()))
            | Self::Repeated
            | Self::Lost
            | Self::Skipped
            | Self::Aborted => None,
        }
    }

    /// What it means where a handler may take this long.
    pub(super) fn judged(self, timeout: Duration) -> Judgement {
        use Judgement::{Again, Done, Failed, HandBack, Hopeless};
        match self {
            Self::Answered(Ok(())) => Done(Outcome::Handled),
            Self::Answered(Err(error)) if matches!(error.verdict(), Verdict::Reject) => {
                Hopeless(Reason::Rejected, error)
            }
            Self::Answered(Err(error)) => Failed(Reason::Failed, error),
            Self::Panicked(words) => Failed(Reason::Panicked, HandlerError::retry(words)),
            Self::TimedOut => {
                let words = format!("no answer within {timeout:?}");
                Failed(Reason::TimedOut, HandlerError::retry(words))
            }
            Self::Repeated => Done(Outcome::Repeated),
            Self::Skipped => Done(Outcome::Skipped),
            Self::Lost => Again,
            Self::Aborted => HandBack,
            Self::Locked(error) if error.is_transient() => {
                Failed(Reason::Failed, HandlerError::retry(error))
            }
            Self::Locked(error) => {
                Hopeless(Reason::Undecodable, HandlerError::reject(error.to_string()))
            }
            Self::Undispatched(error) => {
                let (reason, may_change) = match &error {
                    // An instance with a newer catalog may take it.
                    DispatchError::UnknownEvent(_) => (Reason::UnknownEvent, true),
                    DispatchError::OtherVersion { .. } => (Reason::OtherVersion, true),
                    DispatchError::Unavailable(_) if error.is_final() => {
                        (Reason::Undecodable, false)
                    }
                    DispatchError::Unavailable(_) => (Reason::PayloadUnavailable, true),
                    DispatchError::OtherOrganization(_) => (Reason::OtherOrganization, false),
                    DispatchError::Upcast(_) => (Reason::UpcastFailed, false),
                    DispatchError::Invalid(_) => (Reason::Invalid, false),
                    DispatchError::Payload { .. } | DispatchError::Encrypted(_) => {
                        (Reason::Undecodable, false)
                    }
                };
                if may_change {
                    Failed(reason, HandlerError::retry(error))
                } else {
                    Hopeless(reason, HandlerError::reject(error.to_string()))
                }
            }
        }
    }
}
