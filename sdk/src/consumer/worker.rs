//! One delivery's way: read, handled, settled.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;

use super::intake::Phase;
use super::lane::Turn;
use super::report::Outcome;
use super::subscriber::HandlerFuture;
use super::{Dispatch, DispatchError, Subscriber};
use crate::broker::{Delivery, Settle, StoredMessage};
use crate::catalog::SubscriptionSpec;
use crate::dead_letter::{self, Failure, Reason};
use crate::envelope::{self, Envelope, EnvelopeError};
use crate::handler::{DeliveryContext, Handled, HandlerError, States, Verdict};
use crate::publisher::Origin;
use crate::{BrokerError, ServiceSpec, Tidings, retry};

/// How often a settlement is tried before it is left to the server to deliver again.
const SETTLE_ATTEMPTS: u32 = 4;
const SETTLE_PAUSE: Duration = Duration::from_millis(100);

/// What all deliveries of a subscription share.
pub(super) struct Worker {
    bus: Tidings,
    service: &'static ServiceSpec,
    spec: &'static SubscriptionSpec,
    dispatch: Arc<dyn Dispatch>,
    states: Arc<States>,
    phase: watch::Receiver<Phase>,
}

/// A delivery whose envelope was read, or could not be.
pub(super) struct Received {
    message: StoredMessage,
    attempt: u64,
    settle: Settle,
    event: Result<(Envelope, String), EnvelopeError>,
}

impl Received {
    /// What tells which deliveries must stay in order.
    pub(super) fn lane_key(&self) -> &str {
        let envelope = self.event.as_ref().ok().map(|(envelope, _)| envelope);
        envelope
            .and_then(|envelope| envelope.partition_key.as_deref())
            .unwrap_or(&self.message.subject)
    }
}

/// How a handler ended.
enum Ended {
    Answered(Handled),
    Panicked(String),
    TimedOut,
    /// The run is over, and the handler was not.
    Aborted,
}

impl Worker {
    pub(super) fn new(
        bus: Tidings,
        subscriber: Subscriber,
        states: Arc<States>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        let Subscriber { service, spec, dispatch } = subscriber;
        Self { bus, service, spec, dispatch, states, phase }
    }

    /// Reads the envelope.
    pub(super) fn receive(&self, delivery: Delivery) -> Received {
        let Delivery { message, attempt, settle } = delivery;
        let durable = self.spec.durable;
        tracing::trace!(durable, sequence = message.sequence, attempt, "delivered");
        let event = envelope::read(&message.headers, &message.payload)
            .map(|received| (received.envelope, received.data.into_owned()));
        Received { message, attempt, settle, event }
    }

    /// Handles a delivery and settles it, in its turn where it has one.
    pub(super) async fn work(&self, received: Received, turn: Option<Turn>) -> Outcome {
        let Received { message, attempt, settle, event } = received;
        let ordered = turn.is_some();
        if let Some(mut turn) = turn {
            tokio::select! {
                () = keep_alive(&settle, self.spec.ack_wait, turn.come()) => {}
                () = self.aborted() => return self.hand_back(&settle).await,
            }
            return self.handle(message, attempt, &settle, event, ordered).await;
        }
        self.handle(message, attempt, &settle, event, ordered).await
    }

    async fn handle(
        &self,
        message: StoredMessage,
        attempt: u64,
        settle: &Settle,
        event: Result<(Envelope, String), EnvelopeError>,
        ordered: bool,
    ) -> Outcome {
        let (envelope, data) = match event {
            Ok(event) => event,
            Err(error) => {
                let failure = Failure::new(Reason::Undecodable, error.to_string(), attempt);
                return self.bury(&message, None, settle, &failure).await;
            }
        };
        let last = u64::from(self.spec.retry.attempts.max(1));
        if attempt > last {
            // Every delivery was cut short: the process died, or no sign of life came in time.
            let words = "earlier deliveries ended without an answer: a crash, or a blocked process";
            let failure = Failure::new(Reason::Abandoned, words.into(), attempt - 1);
            return self.bury(&message, Some(&envelope), settle, &failure).await;
        }
        let mut attempt = attempt;
        loop {
            let delivery = self.context(&message, &envelope, attempt);
            let handler = match self.dispatch.dispatch(&data, &delivery) {
                Ok(handler) => handler,
                Err(error) => {
                    let reason = match error {
                        DispatchError::Payload { .. } => Reason::Undecodable,
                        DispatchError::UnknownEvent(_) => Reason::UnknownEvent,
                        DispatchError::OtherVersion { .. } => Reason::OtherVersion,
                    };
                    let failure = Failure::new(reason, error.to_string(), attempt);
                    return self.bury(&message, Some(&envelope), settle, &failure).await;
                }
            };
            let (reason, error) = match self.answer(settle, handler).await {
                Ended::Answered(Ok(())) => return self.acknowledge(settle).await,
                Ended::Answered(Err(error)) => (Reason::Failed, error),
                Ended::Panicked(words) => (Reason::Panicked, HandlerError::retry(words)),
                Ended::TimedOut => {
                    let words = format!("no answer within {:?}", self.spec.handler_timeout);
                    (Reason::TimedOut, HandlerError::retry(words))
                }
                Ended::Aborted => return self.hand_back(settle).await,
            };
            let delay = match error.verdict() {
                Verdict::Reject => {
                    let failure = Failure::new(Reason::Rejected, error.to_string(), attempt);
                    return self.bury(&message, Some(&envelope), settle, &failure).await;
                }
                _ if attempt >= last => {
                    let failure = Failure::new(reason, error.to_string(), attempt);
                    return self.bury(&message, Some(&envelope), settle, &failure).await;
                }
                Verdict::Retry => retry::delay(&self.spec.retry, attempt),
                Verdict::RetryAfter(delay) => delay,
            };
            tracing::warn!(
                durable = self.spec.durable,
                event_type = envelope.event_type,
                event_id = envelope.id,
                attempt,
                ?delay,
                reason = reason.as_str(),
                "not handled; trying again"
            );
            if !ordered {
                return self.confirmed(Outcome::Retried, || settle.retry(delay)).await;
            }
            // What comes after it in its lane must wait, so it is tried again in place.
            tokio::select! {
                () = keep_alive(settle, self.spec.ack_wait, tokio::time::sleep(delay)) => {}
                () = self.aborted() => return self.hand_back(settle).await,
            }
            attempt += 1;
        }
    }

    /// Runs a handler to its end, with signs of life for it, and through its panics.
    async fn answer(&self, settle: &Settle, handler: HandlerFuture) -> Ended {
        let caught = AssertUnwindSafe(handler).catch_unwind();
        let bounded = tokio::time::timeout(self.spec.handler_timeout, caught);
        tokio::select! {
            biased;
            ended = keep_alive(settle, self.spec.ack_wait, bounded) => match ended {
                Ok(Ok(answer)) => Ended::Answered(answer),
                Ok(Err(panic)) => Ended::Panicked(panic_words(&*panic)),
                Err(_) => Ended::TimedOut,
            },
            () = self.aborted() => Ended::Aborted,
        }
    }

    fn context(
        &self,
        message: &StoredMessage,
        envelope: &Envelope,
        attempt: u64,
    ) -> Arc<DeliveryContext> {
        let id = &envelope.id;
        let mut origin = Origin::new(self.bus.clone(), self.service);
        origin.organization = envelope.organization_id.as_deref().map(Into::into);
        origin.correlation_id =
            Some(envelope.correlation_id.as_ref().unwrap_or(id).as_str().into());
        origin.causation_id = Some(id.as_str().into());
        origin.trace_parent = envelope.trace_parent.as_deref().map(Into::into);
        Arc::new(DeliveryContext {
            envelope: envelope.clone(),
            subject: message.subject.clone(),
            sequence: message.sequence,
            attempt,
            attempts: self.spec.retry.attempts,
            states: Arc::clone(&self.states),
            origin,
        })
    }

    async fn acknowledge(&self, settle: &Settle) -> Outcome {
        self.confirmed(Outcome::Handled, || settle.ack()).await
    }

    async fn hand_back(&self, settle: &Settle) -> Outcome {
        self.confirmed(Outcome::HandedBack, || settle.retry(Duration::ZERO)).await
    }

    /// Stores a dead letter, and only then ends the delivery. What cannot be stored comes again.
    async fn bury(
        &self,
        message: &StoredMessage,
        envelope: Option<&Envelope>,
        settle: &Settle,
        failure: &Failure,
    ) -> Outcome {
        let stored = dead_letter::store(&self.bus, self.spec, message, envelope, failure);
        let stored = keep_alive(settle, self.spec.ack_wait, stored).await;
        let id = envelope.map_or("", |envelope| envelope.id.as_str());
        let (durable, reason) = (self.spec.durable, failure.reason.as_str());
        match stored {
            Ok(()) => {
                let (attempts, sequence) = (failure.attempts, message.sequence);
                tracing::error!(durable, event_id = id, sequence, reason, attempts, "dead letter");
                let reason = failure.reason.as_str();
                self.confirmed(Outcome::DeadLettered, || settle.terminate(reason)).await
            }
            Err(error) => {
                tracing::error!(durable, event_id = id, reason, %error, "no dead letter stored; the event will come again");
                let delay = retry::delay(&self.spec.retry, failure.attempts);
                self.confirmed(Outcome::Retried, || settle.retry(delay)).await
            }
        }
    }

    /// Settles until the broker confirms it, for as long as that makes sense.
    async fn confirmed<F>(&self, outcome: Outcome, settle: impl Fn() -> F) -> Outcome
    where
        F: Future<Output = Result<(), BrokerError>>,
    {
        let mut attempts = 1;
        loop {
            let Err(error) = settle().await else {
                return outcome;
            };
            // An answer that did not come in time does not come: the broker delivers again, as it would anyway.
            let hopeless = !error.is_transient() || matches!(error, BrokerError::TimedOut(_));
            if hopeless || attempts == SETTLE_ATTEMPTS {
                let durable = self.spec.durable;
                tracing::warn!(durable, %error, "settlement not confirmed; the broker may deliver again");
                return Outcome::Unconfirmed;
            }
            tokio::time::sleep(retry::doubling(SETTLE_PAUSE, Duration::from_secs(1), attempts))
                .await;
            attempts += 1;
        }
    }

    async fn aborted(&self) {
        let mut phase = self.phase.clone();
        if phase.wait_for(|phase| *phase == Phase::Aborting).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Awaits `work`, and gives the broker a sign of life three times within the time that it waits for one.
async fn keep_alive<T>(settle: &Settle, ack_wait: Duration, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let pause = ack_wait / 3;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(pause) => {
                // A missed sign is made up for by the next one.
                let _ = settle.progress().await;
            }
        }
    }
}

fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| Cow::Borrowed(*words));
    let words = words.or_else(|| panic.downcast_ref::<String>().map(Into::into));
    format!("the handler panicked: {}", words.as_deref().unwrap_or("without a message"))
}
