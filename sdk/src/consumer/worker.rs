//! What the deliveries of a subscription share.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::acknowledgement::{Acknowledgements, Failed};
use super::ahead::Held;
use super::first_failures::FirstFailures;
use super::health::Health;
use super::payload::Payload;
use super::phase::Phase;
use super::report::Outcome;
use super::suspects::Suspects;
use super::{Dispatch, Report, Subscriber};
use crate::broker::{Delivery, Settle, StoredMessage};
use crate::catalog::SubscriptionSpec;
use crate::dead_letter;
use crate::handler::{DeliveryContext, States};
use crate::message::envelope::{self, Envelope, EnvelopeError};
use crate::operations::health::Pulse;
use crate::operations::metrics;
use crate::{Inbox, ServiceSpec, Tidings};

/// What the consumers of a subscription share: that of what is published, or those of its partitions, and that of what is
/// redriven.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) health: Arc<Health>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) figures: Arc<metrics::Consuming>,
    /// Places for handlers, where there are fewer than partitions.
    pub(super) slots: Option<Arc<Semaphore>>,
    pub(super) states: Arc<States>,
    pub(super) inbox: Option<Inbox>,
    /// Whether what is acknowledged is done with only once the broker has said so.
    pub(super) confirms: bool,
    pub(super) phase: Arc<watch::Sender<Phase>>,
}

/// What all deliveries of a consumer share.
pub(super) struct Worker {
    pub(super) bus: Tidings,
    pub(super) spec: &'static SubscriptionSpec,
    pub(super) dispatch: Arc<dyn Dispatch>,
    pub(super) first_failures: FirstFailures,
    pub(super) health: Arc<Health>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) figures: Arc<metrics::Consuming>,
    pub(super) suspects: Suspects,
    /// What knows which events were handled.
    pub(super) inbox: Option<Inbox>,
    slots: Option<Arc<Semaphore>>,
    /// Whether it handles what is redriven, instead of what is published.
    pub(super) redrives: bool,
    service: &'static ServiceSpec,
    states: Arc<States>,
    phase: watch::Receiver<Phase>,
    pub(super) acknowledgements: Acknowledgements,
    /// Whether what is acknowledged is done with only once the broker has said so.
    pub(super) confirms: bool,
    report: Mutex<Report>,
}

/// A delivery whose envelope was read, or could not be.
pub(super) struct Received {
    pub(super) message: StoredMessage,
    /// Its place among the dead letters, where it was redriven from there.
    pub(super) redriven: Option<u64>,
    pub(super) attempt: u64,
    pub(super) settle: Settle,
    /// When the broker had its last sign of life.
    pub(super) signed: Instant,
    pub(super) event: Result<(Arc<Envelope>, Payload), EnvelopeError>,
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
        redrives: bool,
        shared: &Shared,
    ) -> (Self, Failed) {
        let Subscriber { service, spec, dispatch } = subscriber;
        let (acknowledgements, failed) = Acknowledgements::new();
        let worker = Self {
            bus,
            spec,
            dispatch,
            first_failures: FirstFailures::new(spec.max_ack_pending),
            suspects: Suspects::new(),
            inbox: shared.inbox.clone(),
            health: Arc::clone(&shared.health),
            pulse: Arc::clone(&shared.pulse),
            figures: Arc::clone(&shared.figures),
            slots: shared.slots.clone().filter(|_| !redrives),
            redrives,
            service,
            states: Arc::clone(&shared.states),
            phase: shared.phase.subscribe(),
            acknowledgements,
            confirms: shared.confirms,
            report: Mutex::default(),
        };
        (worker, failed)
    }

    /// Places for handlers, where there are fewer than deliveries may be under way.
    pub(super) fn slots(&self) -> Option<&Semaphore> {
        self.slots.as_deref()
    }

    pub(super) fn retried_in_place(&self, envelope: &Envelope) {
        self.pulse.beat();
        self.figures.settled(Some(&envelope.event_type), metrics::Status::Retried);
        self.count(Outcome::Retried);
    }

    /// What has become of the event at this place.
    pub(super) fn settled(&self, place: u64, event_type: Option<&str>, outcome: Outcome) {
        if let Some(status) = outcome.status() {
            self.figures.settled(event_type, status);
        }
        if outcome.is_final() {
            self.first_failures.forget(place);
        }
        self.count(outcome);
    }

    pub(super) fn count(&self, outcome: Outcome) {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).count(outcome);
    }

    /// What the deliveries have come to.
    pub(super) fn report(&self) -> Report {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the envelope.
    pub(super) fn receive(&self, held: Held) -> Received {
        let Held { delivery, signed } = held;
        let Delivery { message, attempt, malformed, settle } = delivery;
        let durable = self.spec.durable;
        let redriven = self.redrives.then_some(message.sequence);
        let message = if self.redrives { dead_letter::restore(message) } else { message };
        self.pulse.beat();
        tracing::trace!(durable, sequence = message.sequence, ?redriven, attempt, "delivered");
        let event = match malformed {
            Some(fault) => Err(EnvelopeError::Headers(fault)),
            None => {
                let largest = self.bus.largest_payload();
                envelope::read(&message.headers, &message.payload, largest).map(|received| {
                    let payload = Payload::new(received.data, &message.payload);
                    (Arc::new(received.envelope), payload)
                })
            }
        };
        Received { message, redriven, attempt, settle, signed, event }
    }

    pub(super) fn context(
        &self,
        message: &StoredMessage,
        envelope: &Arc<Envelope>,
        attempt: u64,
    ) -> Arc<DeliveryContext> {
        Arc::new(DeliveryContext {
            bus: self.bus.clone(),
            service: self.service,
            durable: self.spec.durable,
            envelope: Arc::clone(envelope),
            subject: message.subject.clone(),
            sequence: message.sequence,
            attempt,
            attempts: self.spec.retry.attempts,
            begun: self.begun(attempt),
            replays: false,
            states: Arc::clone(&self.states),
            held: OnceLock::new(),
            origin: OnceLock::new(),
        })
    }

    /// Whether an instance has begun with the event before.
    pub(super) fn begun(&self, attempt: u64) -> bool {
        attempt > 1 || self.redrives
    }

    /// Whether the event is to be decrypted: not where it is let go of anyway.
    pub(super) fn decrypts(&self, envelope: &Envelope, attempt: u64) -> bool {
        envelope.encrypted_fields.is_some() && self.dispatch.takes(envelope, self.begun(attempt))
    }

    /// Returns once the run has come this far.
    pub(super) async fn reached(&self, phase: Phase) {
        let mut phases = self.phase.clone();
        if phases.wait_for(|now| *now >= phase).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
