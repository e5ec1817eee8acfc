//! What the deliveries of a subscription share, and the way of each through it: read, in turn, handled.

use std::sync::Arc;

use tokio::sync::watch;

use super::lane::Turn;
use super::report::Outcome;
use super::run::Phase;
use super::task::Task;
use super::{Dispatch, Subscriber};
use crate::broker::{Delivery, Settle, StoredMessage};
use crate::catalog::SubscriptionSpec;
use crate::dead_letter::{Failure, Reason};
use crate::envelope::{self, Envelope, EnvelopeError};
use crate::handler::{DeliveryContext, States};
use crate::publisher::{FollowUps, Origin};
use crate::{ServiceSpec, Tidings};

/// What all deliveries of a subscription share.
pub(super) struct Worker {
    pub(super) bus: Tidings,
    pub(super) spec: &'static SubscriptionSpec,
    pub(super) dispatch: Arc<dyn Dispatch>,
    service: &'static ServiceSpec,
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
        let task = Task { worker: self, message, settle, ordered: turn.is_some() };
        let mut turn = turn;
        if let Some(turn) = &mut turn {
            let may_go = tokio::select! {
                may_go = task.keep_alive(turn.come()) => may_go,
                () = self.reached(Phase::Aborting) => false,
            };
            if !may_go {
                return task.hand_back().await;
            }
        }
        let outcome = match event {
            Ok((envelope, data)) => task.handle(&envelope, &data, attempt).await,
            Err(error) => {
                let failure = Failure::new(Reason::Undecodable, error.to_string(), attempt);
                task.bury(None, &failure).await
            }
        };
        if let Some(turn) = turn
            && outcome != Outcome::HandedBack
        {
            turn.pass_on();
        }
        outcome
    }

    /// Gives a delivery back, for another instance or later.
    pub(super) async fn hand_back(&self, delivery: Delivery) -> Outcome {
        let Received { message, settle, .. } = self.receive(delivery);
        Task { worker: self, message, settle, ordered: false }.hand_back().await
    }

    pub(super) fn context(
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
        origin.follow_ups = Some(Arc::new(FollowUps::new(id.clone(), self.spec.durable)));
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

    /// Returns once the run has come this far.
    pub(super) async fn reached(&self, phase: Phase) {
        let mut phases = self.phase.clone();
        if phases.wait_for(|now| *now >= phase).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
