//! A publish that something happens to on its way.

use tokio::sync::oneshot;

use super::Fault;
use crate::broker::embedded::link::lost;
use crate::broker::embedded::{Embedded, IN_FLIGHT, STORE_FAILED, refused};
use crate::broker::{BrokerError, Stored};

impl Embedded {
    /// Stores what is published once there is a connection, and as the fault lets it.
    pub(in crate::broker::embedded) async fn send_through(
        self,
        store: impl Fn(&Self) -> Result<Stored, BrokerError> + Send + 'static,
        fault: Option<Fault>,
        expects: bool,
    ) -> Result<Stored, BrokerError> {
        self.link.reach().await?;
        match fault {
            Some(Fault::PublishLost) => Err(self.link.unanswered().await),
            Some(Fault::PublishAnswerLost) => {
                store(&self)?;
                Err(self.link.unanswered().await)
            }
            Some(Fault::PublishDelayed(delay)) => {
                let (answer, answered) = oneshot::channel();
                let broker = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    // By then nobody may wait for it any more.
                    let _ = answer.send(store(&broker));
                });
                tokio::select! {
                    biased;
                    Ok(outcome) = answered => outcome,
                    error = self.link.unanswered() => Err(error),
                }
            }
            Some(Fault::DiskFull) => {
                Err(refused(STORE_FAILED, "no space left on the device".to_owned()))
            }
            Some(Fault::PublishContended) if expects => Err(BrokerError::Conflict { actual: None }),
            Some(Fault::PublishContended) => {
                Err(refused(IN_FLIGHT, "a duplicate of it is in flight".to_owned()))
            }
            Some(Fault::Disconnect(time)) => {
                let stored = store(&self);
                self.faults.disconnect_for(time);
                stored.and(Err(lost()))
            }
            _ => store(&self),
        }
    }
}
