use std::fmt;

use tokio::sync::oneshot;

use crate::BrokerError;
use crate::broker::Stored;

/// What came of sending a message once.
#[derive(Debug)]
pub(crate) enum Word {
    /// The stream's word, or why there is none.
    Heard(Result<Stored, BrokerError>),
    /// It was not sent.
    Unsent(BrokerError),
}

/// Who is told the word of a message.
pub(super) enum Tell {
    /// Somebody who may go away.
    Waiter(oneshot::Sender<Word>),
    Call(Box<dyn FnOnce(Word) + Send>),
}

impl Tell {
    pub(super) fn waiter(waiter: oneshot::Sender<Word>) -> Self {
        Self::Waiter(waiter)
    }

    pub(super) fn call(call: impl FnOnce(Word) + Send + 'static) -> Self {
        Self::Call(Box::new(call))
    }

    /// Whether anybody still wants the message to be sent.
    pub(super) fn is_awaited(&self) -> bool {
        match self {
            Self::Waiter(waiter) => !waiter.is_closed(),
            Self::Call(_) => true,
        }
    }

    pub(super) fn tell(self, word: Word) {
        match self {
            Self::Waiter(waiter) => drop(waiter.send(word)),
            Self::Call(call) => call(word),
        }
    }
}

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tell").finish_non_exhaustive()
    }
}
