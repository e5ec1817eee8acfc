use std::time::Duration;

use uuid::Uuid;

use crate::catalog::SubscriptionSpec;
use crate::message::envelope::Envelope;

/// Longer ids, and ids that not every store could hold, are kept by their hash.
const MAX_ID: usize = 255;

/// How much longer than a handler an answer of the inbox's database may take.
const MARGIN: Duration = Duration::from_secs(5);

/// What is to happen once: that a subscription handles an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mark {
    pub(super) subscription: &'static str,
    /// An id is unique within its source.
    pub(super) source: String,
    pub(super) event: String,
}

/// For how long an inbox knows what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// How long whoever handles an event keeps it from others without a sign of life.
    pub(crate) lease: Duration,
    /// How long it is known that it was handled; for ever where nothing is said.
    pub(crate) retention: Option<Duration>,
    /// How long a database may take for an answer, the time included in which others are at the same event.
    #[cfg_attr(not(any(feature = "postgres", feature = "sqlite")), expect(dead_code))]
    pub(crate) patience: Duration,
}

impl Terms {
    /// Those of a subscription. Whoever is silent for its ack wait has its event delivered again, too.
    pub(crate) fn of(spec: &SubscriptionSpec) -> Self {
        Self {
            lease: spec.ack_wait,
            retention: spec.inbox_retention,
            patience: spec.ack_wait.max(spec.handler_timeout) + MARGIN,
        }
    }
}

impl Mark {
    /// All versions of a fact have one mark: that of the event itself.
    pub(crate) fn new(subscription: &'static str, envelope: &Envelope) -> Self {
        let event = envelope.copy_of.as_deref().unwrap_or(&envelope.id);
        Self { subscription, source: kept(&envelope.source), event: kept(event) }
    }
}

fn kept(id: &str) -> String {
    if id.len() <= MAX_ID && !id.contains(char::is_control) {
        return id.to_owned();
    }
    format!("hash:{}", Uuid::new_v5(&Uuid::NAMESPACE_URL, id.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(id: &str, copy_of: Option<&str>) -> Mark {
        let copy_of = copy_of.map(Into::into);
        let (id, source) = (id.into(), "/shop/orders".into());
        Mark::new("billing-invoicing", &Envelope { id, source, copy_of, ..Envelope::default() })
    }

    #[test]
    fn a_fact_has_one_mark_in_all_of_its_versions() {
        assert_eq!(mark("A", None), mark("B", Some("A")));
        assert_ne!(mark("A", None), mark("B", None));
    }

    #[test]
    fn ids_that_a_store_could_not_hold_are_hashed() {
        let long = "x".repeat(300);
        let marks = [mark(&long, None), mark("\0", None), mark("\u{1}", None), mark("a b", None)];
        assert!(marks[0].event.len() < 50 && marks[1].event != marks[2].event);
        assert_eq!(marks[3].event, "a b");
    }
}
