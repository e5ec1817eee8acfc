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
    /// Where those of an event type are.
    counted: HashMap<&'static str, Counted>,
    of: Vec<OfEvent>,
}

/// Under what a delivery counts: the type of its event, where the subscription's handlers take it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted(usize);

#[derive(Debug)]
struct OfEvent {
    statuses: [Counter; Status::ALL.len()],
    duration: Histogram,
    errors: [Counter; Failing::ALL.len()],
    #[cfg(feature = "otlp")]
    semantic: semantic::Processing,
}

impl Counted {
    /// That of what is no event.
    pub(crate) const UNKNOWN: Self = Self(0);
}

impl Consuming {
    pub(crate) fn new(
        spec: &'static SubscriptionSpec,
        events: impl Iterator<Item = &'static EventSpec>,
    ) -> Self {
        let (mut counted, mut of) = (HashMap::new(), vec![OfEvent::new(spec, UNKNOWN)]);
        for EventSpec { event_type, .. } in events {
            counted.entry(*event_type).or_insert_with(|| {
                of.push(OfEvent::new(spec, event_type));
                Counted(of.len() - 1)
            });
        }
        Self { counted, of }
    }

    /// Under what events of a type count.
    pub(crate) fn counted(&self, event_type: &str) -> Counted {
        self.counted.get(event_type).copied().unwrap_or(Counted::UNKNOWN)
    }

    /// An attempt has ended that began then, whether its handler was `called`, and how it failed where it did.
    pub(crate) fn attempted(
        &self,
        counted: Counted,
        begun: Instant,
        called: bool,
        failing: Option<Failing>,
    ) {
        let figures = &self.of[counted.0];
        if let Some(failing) = failing {
            figures.errors[failing as usize].increment(1);
        }
        if called {
            let elapsed = begun.elapsed().as_secs_f64();
            figures.duration.record(elapsed);
            #[cfg(feature = "otlp")]
            figures.semantic.ended(failing, elapsed);
        }
    }

    /// What became of a delivery.
    pub(crate) fn settled(&self, counted: Counted, status: Status) {
        let figures = &self.of[counted.0];
        figures.statuses[status as usize].increment(1);
        #[cfg(feature = "otlp")]
        figures.semantic.settled(status);
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
