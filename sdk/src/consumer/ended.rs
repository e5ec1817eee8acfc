use super::DispatchError;
use crate::EncryptionError;
use crate::handler::Handled;

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
}
