//! What is published through a connection and has no word yet.

use std::time::Duration;

use crate::resilience::breaker::{Breaker, BreakerState};
use crate::{Background, BackgroundCounts, BrokerError, Tidings, publisher};

/// How long closing waits for words that have not come.
const FLUSHING: Duration = Duration::from_secs(10);

impl Tidings {
    /// Waits until every event that was enqueued or published in the background before has its word; what others publish
    /// meanwhile goes on beside it. An absence of the broker is waited out; bound it with [`tokio::time::timeout`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bus = tidings::Tidings::embedded();
    /// use event_catalog::user_profile;
    /// use tidings::testing::example;
    ///
    /// # bus.ensure(&event_catalog::CATALOG).await?;
    /// let publisher = user_profile::Publisher::new(&bus).organization("acme");
    /// publisher.user_created(example()).in_background()?;
    /// tokio::time::timeout(Duration::from_secs(5), bus.flush()).await?;
    /// assert_eq!(bus.background_counts().published, 1);
    /// bus.close().await?; // nothing is published or handled through any clone from now on
    /// # Ok(())
    /// # }
    /// ```
    pub async fn flush(&self) {
        publisher::Queue::passed(self).await;
        self.pipeline().passed().await;
    }

    /// How events are published [in the background](crate::Publish::in_background) from now on.
    pub fn set_background(&self, background: Background) {
        self.background().set(background);
    }

    /// Switches [group commit](crate::Config::group_commit) on or off from now on. For the embedded broker, and for a while.
    ///
    /// ```
    /// let bus = tidings::Tidings::embedded();
    /// bus.set_group_commit(true); // as with the servers that the service is for
    /// ```
    pub fn set_group_commit(&self, on: bool) {
        self.groups().set(on);
    }

    /// What became of the events that were published [in the background](crate::Publish::in_background).
    pub fn background_counts(&self) -> BackgroundCounts {
        self.background().counts()
    }

    /// [Flushes](Self::flush) for up to ten seconds, lets go of what is still not sent, and closes the connection for
    /// every clone.
    ///
    /// # Errors
    /// It is not known whether everything was handed over.
    pub async fn close(&self) -> Result<(), BrokerError> {
        self.background().refuse();
        let flushed = tokio::time::timeout(FLUSHING, self.flush()).await;
        self.background().abandon();
        let closed = self.broker().close().await;
        flushed.map_err(|_| BrokerError::TimedOut(FLUSHING)).and(closed)
    }

    /// Whether publishing is tried at all: after several publishes in a row that got no answer, all others fail at once
    /// with [`PublishError::CircuitOpen`](crate::PublishError::CircuitOpen), while one at a time tries whether the broker is back.
    ///
    /// ```
    /// use tidings::{BreakerState, Tidings};
    ///
    /// let bus = Tidings::embedded();
    /// let is_well = matches!(bus.publish_breaker(), BreakerState::Closed { .. });
    /// assert!(is_well); // else a request that has to publish is refused at the door
    /// ```
    pub fn publish_breaker(&self) -> BreakerState {
        self.0.publishing.state()
    }

    pub(crate) fn publishing(&self) -> &Breaker {
        &self.0.publishing
    }

    pub(crate) fn pipeline(&self) -> &publisher::Pipeline {
        &self.0.pipeline
    }

    pub(crate) fn groups(&self) -> &publisher::Groups {
        &self.0.groups
    }

    pub(crate) fn background(&self) -> &publisher::Queue {
        &self.0.background
    }
}
