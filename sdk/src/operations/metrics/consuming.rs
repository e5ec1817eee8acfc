//! What is handled, counted attempt by attempt and delivery by delivery.

use std::collections::HashMap;

use metrics::{Counter, Histogram, counter, histogram};
use tokio::time::Instant;

#[cfg(feature = "otlp")]
use super::semantic;
use super::{Failing, Status, names};
use crate::EventSpec;
use crate::catalog::SubscriptionSpec;

/// What is no type that the subscription's handlers take counts as this one: anybody can publish any type.
const UNKNOWN: &str = "_unknown";

/// The figures of a subscription that runs, looked up when it begins.
#[derive(Debug)]
pub(crate) struct Consuming {
    known: HashMap<&'static str, OfEvent>,
    unknown: OfEvent,
}

#[derive(Debug)]
struct OfEvent {
    statuses: [Counter; Status::ALL.len()],
    duration: Histogram,
    errors: [Counter; Failing::ALL.len()],
    #[cfg(feature = "otlp")]
    semantic: semantic::Processing,
}

/// When an attempt began.
pub(crate) struct Begun(Instant);

impl Consuming {
    pub(crate) fn new(
        spec: &'static SubscriptionSpec,
        events: impl Iterator<Item = &'static EventSpec>,
    ) -> Self {
        let types = events.map(|event| event.event_type);
        let known = types.map(|event_type| (event_type, OfEvent::new(spec, event_type)));
        Self { known: known.collect(), unknown: OfEvent::new(spec, UNKNOWN) }
    }

    /// An attempt begins.
    pub(crate) fn begin(&self) -> Begun {
        Begun(Instant::now())
    }

    /// An attempt has ended, whether its handler was `called`, and how it failed where it did.
    pub(crate) fn attempted(
        &self,
        event_type: &str,
        begun: &Begun,
        called: bool,
        failing: Option<Failing>,
    ) {
        let figures = self.of(event_type);
        if let Some(failing) = failing {
            figures.errors[failing as usize].increment(1);
        }
        if called {
            let elapsed = begun.0.elapsed().as_secs_f64();
            figures.duration.record(elapsed);
            #[cfg(feature = "otlp")]
            figures.semantic.ended(failing, elapsed);
        }
    }

    /// The name under which events of a type are counted.
    pub(crate) fn name(&self, event_type: &str) -> &'static str {
        self.known.get_key_value(event_type).map_or(UNKNOWN, |(name, _)| name)
    }

    /// What became of a delivery; of what is no event, the type is unknown.
    pub(crate) fn settled(&self, event_type: Option<&str>, status: Status) {
        let figures = event_type.map_or(&self.unknown, |event_type| self.of(event_type));
        figures.statuses[status as usize].increment(1);
        #[cfg(feature = "otlp")]
        figures.semantic.settled(status);
    }

    fn of(&self, event_type: &str) -> &OfEvent {
        self.known.get(event_type).unwrap_or(&self.unknown)
    }
}

impl OfEvent {
    fn new(spec: &'static SubscriptionSpec, event_type: &'static str) -> Self {
        let SubscriptionSpec { service, name: subscription, .. } = *spec;
        Self {
            statuses: Status::ALL.map(|status| {
                counter!(
                    names::CONSUMED,
                    "event_type" => event_type, "service" => service,
                    "subscription" => subscription, "status" => status.as_str()
                )
            }),
            duration: histogram!(
                names::HANDLER_DURATION,
                "event_type" => event_type, "service" => service, "subscription" => subscription
            ),
            errors: Failing::ALL.map(|failing| {
                counter!(
                    names::HANDLER_ERRORS,
                    "event_type" => event_type, "service" => service,
                    "subscription" => subscription, "kind" => failing.as_str()
                )
            }),
            #[cfg(feature = "otlp")]
            semantic: semantic::Processing::new(spec, event_type),
        }
    }
}
