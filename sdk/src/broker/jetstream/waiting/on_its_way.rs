//! What is sent and not answered, and may yet be denied.

use tokio::sync::oneshot;

use super::{Seat, Waiting};
use crate::broker::BrokerError;

/// Something on its way that is not answered.
#[derive(Debug)]
pub(in super::super) struct OnItsWay {
    pub(super) waiting: Waiting,
    pub(super) seat: Option<Seat>,
    pub(super) denial: oneshot::Receiver<BrokerError>,
}

impl OnItsWay {
    /// Takes note of what has come of it.
    pub(in super::super) fn heard<T>(
        &mut self,
        word: Result<T, BrokerError>,
    ) -> Result<T, BrokerError> {
        let silence = |error: &BrokerError| {
            error.is_unreachable() || matches!(error, BrokerError::Closed | BrokerError::Denied(_))
        };
        if !word.as_ref().is_err_and(silence)
            && let Some(seat) = self.seat.take()
        {
            self.waiting.withdraw(seat);
        }
        word
    }

    /// Returns once it is denied. While that may be meant for another, it waits on.
    pub(in super::super) async fn denied(&mut self) -> BrokerError {
        match (&mut self.denial).await {
            Ok(denied) => denied,
            // Its wait has ended in another way.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        if let Some(seat) = self.seat {
            self.waiting.give_up(seat);
        }
    }
}
