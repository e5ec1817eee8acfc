//! The connection to a broker that is always there: up, unless somebody wants to see it lost.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::broker::{BrokerError, ConnectionState};

/// How long an answer is waited for, as with a server.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// The state of the connection; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Link(Arc<watch::Sender<ConnectionState>>);

impl Link {
    /// A connection that is up.
    pub(super) fn up() -> Self {
        Self(Arc::new(watch::Sender::new(ConnectionState::Connected(1))))
    }

    pub(super) fn now(&self) -> ConnectionState {
        *self.0.borrow()
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.now(), ConnectionState::Connected(_))
    }

    /// The state now and every change of it.
    pub(super) fn watch(&self) -> watch::Receiver<ConnectionState> {
        self.0.subscribe()
    }

    /// Loses the connection; returns how many there have been. A closed one stays closed.
    pub(super) fn lose(&self) -> Option<u64> {
        let mut lost = None;
        self.0.send_if_modified(|state| {
            if let ConnectionState::Connected(count) = *state {
                lost = Some(count);
                *state = ConnectionState::Disconnected;
            }
            lost.is_some()
        });
        lost
    }

    /// Brings connection number `count` about, unless there is one or it was closed.
    pub(super) fn restore(&self, count: u64) {
        self.0.send_if_modified(|state| {
            let lost = *state == ConnectionState::Disconnected;
            if lost {
                *state = ConnectionState::Connected(count);
            }
            lost
        });
    }

    pub(super) fn close(&self) {
        self.0.send_replace(ConnectionState::Closed);
    }

    /// Returns once the connection is up: what is asked before waits for it, as long as for any answer.
    pub(super) async fn reach(&self) -> Result<(), BrokerError> {
        if self.is_up() {
            return Ok(());
        }
        let mut states = self.watch();
        let found = states.wait_for(|state| *state != ConnectionState::Disconnected);
        match tokio::time::timeout(ANSWER, found).await {
            Ok(Ok(state)) if *state != ConnectionState::Closed => Ok(()),
            Ok(_) => Err(BrokerError::Closed),
            Err(_) => Err(BrokerError::TimedOut(ANSWER)),
        }
    }

    /// What comes of a question whose answer does not come.
    pub(super) async fn unanswered(&self) -> BrokerError {
        let mut states = self.watch();
        let now = *states.borrow_and_update();
        let ended = states.wait_for(|state| *state != now);
        match tokio::time::timeout(ANSWER, ended).await {
            Ok(Ok(state)) if *state != ConnectionState::Closed => lost(),
            Ok(_) => BrokerError::Closed,
            Err(_) => BrokerError::TimedOut(ANSWER),
        }
    }
}

/// What comes of a question when the connection is lost before the answer.
pub(super) fn lost() -> BrokerError {
    BrokerError::Unavailable("the connection was lost".into())
}
