//! What is published, counted where its outcome becomes known.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use metrics::{Counter, Histogram, counter, histogram};
use tokio::time::Instant;

use super::names;
use super::sampler::Services;
#[cfg(feature = "otlp")]
use super::semantic;
use crate::{EventSpec, Outcome, Tidings};

/// The figures of a connection's publishers.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// By service and event type. There are as many as the catalog lets services publish.
    known: RwLock<HashMap<(&'static str, &'static str), Arc<OfEvent>>>,
    services: Services,
}

/// The figures of one event that a service publishes, looked up once.
#[derive(Debug)]
struct OfEvent {
    /// By outcome.
    statuses: [Counter; Outcome::ALL.len()],
    duration: Histogram,
    #[cfg(feature = "otlp")]
    semantic: semantic::Publishing,
}

/// A publish under way.
#[derive(Debug)]
pub(crate) struct Publishing {
    figures: Arc<OfEvent>,
    begun: Instant,
}

impl Figures {
    /// A publish begins.
    pub(crate) fn publishing(
        &self,
        bus: &Tidings,
        service: &'static str,
        spec: &'static EventSpec,
    ) -> Publishing {
        Publishing { figures: self.of(bus, service, spec), begun: Instant::now() }
    }

    pub(super) fn services(&self) -> &Services {
        &self.services
    }

    fn of(&self, bus: &Tidings, service: &'static str, spec: &'static EventSpec) -> Arc<OfEvent> {
        let key = (service, spec.event_type);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(figures) = known.get(&key) {
            return Arc::clone(figures);
        }
        drop(known);
        self.services.attend(bus, service);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(key).or_insert_with(|| Arc::new(OfEvent::new(service, spec))))
    }
}

impl OfEvent {
    fn new(service: &'static str, spec: &'static EventSpec) -> Self {
        let event_type = spec.event_type;
        Self {
            statuses: Outcome::ALL.map(|outcome| {
                counter!(
                    names::PUBLISHED,
                    "event_type" => event_type, "service" => service, "status" => outcome.as_str()
                )
            }),
            duration: histogram!(
                names::PUBLISH_DURATION,
                "event_type" => event_type, "service" => service
            ),
            #[cfg(feature = "otlp")]
            semantic: semantic::Publishing::new(spec),
        }
    }
}

impl Publishing {
    /// When it began.
    pub(crate) fn begun(&self) -> Instant {
        self.begun
    }

    /// What became of it.
    pub(crate) fn ended(&self, outcome: Outcome) {
        let elapsed = self.begun.elapsed().as_secs_f64();
        self.figures.statuses[outcome as usize].increment(1);
        self.figures.duration.record(elapsed);
        #[cfg(feature = "otlp")]
        self.figures.semantic.ended(outcome, elapsed);
    }
}
