//! How a delivery ends: acknowledged, given back, or kept as a dead letter; and that the broker waits until then.

use std::pin::Pin;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::phase::Phase;
use super::report::Outcome;
use super::task::Task;
use crate::BrokerError;
use crate::catalog::SubscriptionSpec;
use crate::dead_letter::{self, Failure};
use crate::message::envelope::Envelope;
use crate::operations::traces;
use crate::resilience::retry;

/// How often a settlement is tried before it is left to the server to deliver again.
const SETTLE_ATTEMPTS: u32 = 4;
const SETTLE_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause while dead letters cannot be stored.
const BURY_PAUSE: Duration = Duration::from_secs(30);

impl Task<'_> {
    /// In a box, as `bury` is: rare ways must not make every delivery's future large.
    pub(super) fn hand_back(&self) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        self.given_back.store(true, Ordering::Relaxed);
        Box::pin(self.confirmed(Outcome::HandedBack, || self.arrived.settle.retry(Duration::ZERO)))
    }

    /// Stores a dead letter, and only then ends the delivery. As long as it cannot be stored, the event keeps its slot:
    /// to let go of it would be to forget why it failed.
    pub(super) async fn bury(&self, envelope: Option<&Envelope>, failure: &Failure) -> Outcome {
        let spec = self.worker.spec;
        let event_id = envelope.map_or("", |envelope| envelope.id.as_str());
        let (durable, sequence) = (spec.durable, self.arrived.message.sequence);
        let (reason, error) = (failure.reason.as_str(), failure.chain.join(": "));
        let mut attempts = 1;
        loop {
            let storing = dead_letter::store(
                &self.worker.bus,
                spec,
                &self.arrived.message,
                self.redriven,
                envelope,
                failure,
            );
            let stored = tokio::select! {
                stored = self.keep_alive(storing) => stored,
                () = self.worker.reached(Phase::Aborting) => return self.hand_back().await,
            };
            let Err(fault) = stored else {
                let words = dead_letter::termination(failure.reason);
                let settled =
                    self.confirmed(Outcome::DeadLettered, || self.arrived.settle.terminate(&words));
                let settled = settled.await;
                let attempts = failure.attempts;
                tracing::error!(durable, event_id, sequence, attempts, reason, %error, "dead letter");
                return settled;
            };
            tracing::error!(durable, event_id, sequence, reason, %error, %fault, "no dead letter stored; trying again");
            let pause = retry::doubling(Duration::from_secs(1), BURY_PAUSE, attempts);
            tokio::select! {
                () = self.keep_alive(tokio::time::sleep(pause)) => {}
                () = self.worker.reached(Phase::Finishing) => return self.hand_back().await,
            }
            attempts += 1;
        }
    }

    /// Settles until the broker confirms it, for as long as that makes sense.
    pub(super) async fn confirmed<F>(&self, outcome: Outcome, settle: impl Fn() -> F) -> Outcome
    where
        F: Future<Output = Result<(), BrokerError>>,
    {
        confirmed(self.worker.spec, outcome, 1, settle).await
    }

    /// Awaits `work`, and gives the broker a sign of life three times within the time that it waits for one. The last sign
    /// may lie before this call: what is awaited one after the other must not add up to silence.
    pub(super) async fn keep_alive<T>(&self, work: impl Future<Output = T>) -> T {
        let signs = async {
            loop {
                let signed = *self.signed.lock().unwrap_or_else(PoisonError::into_inner);
                tokio::time::sleep_until(signed + self.worker.spec.ack_wait / 3).await;
                *self.signed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
                // A missed sign is made up for by the next one. In a box, as most handlers are done before.
                let _ = Box::pin(self.arrived.settle.progress()).await;
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            never = signs => never,
        }
    }
}

/// Settles until the broker confirms it, for as long as that makes sense; `attempt` says which this one is.
pub(super) async fn confirmed<F>(
    spec: &SubscriptionSpec,
    outcome: Outcome,
    mut attempt: u32,
    settle: impl Fn() -> F,
) -> Outcome
where
    F: Future<Output = Result<(), BrokerError>>,
{
    loop {
        let span = traces::settle(spec, outcome.operation());
        let Err(error) = span.instrument(settle()).await else {
            return outcome;
        };
        if is_hopeless(&error) || attempt == SETTLE_ATTEMPTS {
            return unconfirmed(spec, &error);
        }
        tokio::time::sleep(pause(attempt)).await;
        attempt += 1;
    }
}

/// How long to wait after so many attempts.
pub(super) fn pause(attempts: u32) -> Duration {
    retry::doubling(SETTLE_PAUSE, Duration::from_secs(1), attempts)
}

/// Whether it is no use to settle once more.
pub(super) fn is_hopeless(error: &BrokerError) -> bool {
    // An answer that did not come in time does not come: the broker delivers again, as it would anyway.
    !error.is_transient() || matches!(error, BrokerError::TimedOut(_))
}

pub(super) fn unconfirmed(spec: &SubscriptionSpec, error: &BrokerError) -> Outcome {
    let durable = spec.durable;
    tracing::warn!(durable, %error, "settlement not confirmed; the broker may deliver again");
    Outcome::Unconfirmed
}
