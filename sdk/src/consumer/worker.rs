//! What the deliveries of a subscription share.

use std::sync::{Arc, Mutex, PoisonError};

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
use crate::broker::Delivery;
use crate::catalog::SubscriptionSpec;
use crate::dead_letter;
use crate::handler::{Common, DeliveryContext, States};
use crate::message::envelope::{self, EnvelopeError};
use crate::operations::health::Pulse;
use crate::operations::metrics::{self, Counted};
use crate::{Inbox, Tidings};

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
    common: Arc<Common>,
    phase: watch::Receiver<Phase>,
    pub(super) acknowledgements: Acknowledgements,
    /// Whether what is acknowledged is done with only once the broker has said so.
    pub(super) confirms: bool,
    report: Mutex<Report>,
}

/// A delivery whose envelope was read, or could not be.
pub(super) struct Received {
    pub(super) arrived: Box<Delivery>,
    /// Its place among the dead letters, where it was redriven from there.
    pub(super) redriven: Option<u64>,
    /// When the broker had its last sign of life.
    pub(super) signed: Instant,
    /// Under what it counts.
    pub(super) counted: Counted,
    /// For its first attempt here.
    pub(super) event: Readable,
}

/// What a handler is to know of an event, and its payload.
pub(super) type Readable = Result<(Arc<DeliveryContext>, Payload), EnvelopeError>;

impl Received {
    /// What tells which deliveries must stay in order.
    pub(super) fn lane_key(&self) -> &str {
        let delivery = self.event.as_ref().ok().map(|(delivery, _)| delivery);
        delivery
            .and_then(|delivery| delivery.envelope.partition_key.as_deref())
            .unwrap_or(&self.arrived.message.subject)
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
        let common = Arc::new(Common {
            bus: bus.clone(),
            service,
            durable: spec.durable,
            attempts: spec.retry.attempts,
            replays: false,
            states: Arc::clone(&shared.states),
        });
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
            common,
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

    pub(super) fn retried_in_place(&self, counted: Counted) {
        self.pulse.beat();
        self.figures.settled(counted, metrics::Status::Retried);
        self.count(Outcome::Retried);
    }

    /// What has become of the event at this place.
    pub(super) fn settled(&self, place: u64, counted: Counted, outcome: Outcome) {
        if let Some(status) = outcome.status() {
            self.figures.settled(counted, status);
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
        let redriven = self.redrives.then_some(delivery.message.sequence);
        let mut arrived = if self.redrives { restored(*delivery) } else { delivery };
        self.pulse.beat();
        let Delivery { message, attempt, malformed, .. } = &mut *arrived;
        let (durable, attempt) = (self.spec.durable, *attempt);
        tracing::trace!(durable, sequence = message.sequence, ?redriven, attempt, "delivered");
        let event = match malformed.take() {
            Some(fault) => Err(EnvelopeError::Headers(fault)),
            None => {
                let largest = self.bus.largest_payload();
                envelope::read(&message.headers, &message.payload, largest)
            }
        };
        let event = event.map(|envelope::Received { envelope, data }| {
            let (common, subject) = (Arc::clone(&self.common), message.subject.clone());
            let begun = attempt > 1 || self.redrives;
            let sequence = message.sequence;
            let delivery =
                DeliveryContext::new(common, envelope, subject, sequence, attempt, begun);
            (Arc::new(delivery), Payload::new(data, &message.payload))
        });
        let counted = match &event {
            Ok((delivery, _)) => self.figures.counted(&delivery.envelope.event_type),
            Err(_) => Counted::UNKNOWN,
        };
        Received { arrived, redriven, signed, counted, event }
    }

    /// Whether an event is to be decrypted: not where it is let go of anyway.
    pub(super) fn decrypts(&self, delivery: &DeliveryContext) -> bool {
        delivery.envelope.encrypted_fields.is_some() && self.takes(delivery)
    }

    /// Whether a handler is called with an event, if it can be read.
    pub(super) fn takes(&self, delivery: &DeliveryContext) -> bool {
        self.dispatch.takes(&delivery.envelope, delivery.begun)
    }

    /// Returns once the run has come this far.
    pub(super) async fn reached(&self, phase: Phase) {
        let mut phases = self.phase.clone();
        if phases.wait_for(|now| *now >= phase).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// As it was delivered first, where it was redriven.
fn restored(delivery: Delivery) -> Box<Delivery> {
    Box::new(Delivery { message: dead_letter::restore(delivery.message), ..delivery })
}
