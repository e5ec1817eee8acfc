//! What a layer of somebody else sees of spans.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// A span, with what was recorded of it by its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sighting {
    pub(super) name: &'static str,
    target: &'static str,
    within: Option<&'static str>,
    entered: bool,
    fields: BTreeMap<&'static str, String>,
}

/// Keeps what it sees.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    closed: Arc<Mutex<Vec<Sighting>>>,
}

impl Watch {
    /// All spans that have ended, in an order of their own.
    pub(super) fn seen(&self) -> Vec<Sighting> {
        let mut seen = self.closed.lock().expect("alive").clone();
        seen.sort();
        seen
    }
}

impl<S> Layer<S> for Watch
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it is new");
        let mut sighting = Sighting {
            name: span.name(),
            target: span.metadata().target(),
            within: span.parent().map(|parent| parent.name()),
            entered: false,
            fields: BTreeMap::new(),
        };
        attributes.record(&mut sighting);
        span.extensions_mut().insert(sighting);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).expect("it is there");
        values.record(span.extensions_mut().get_mut::<Sighting>().expect("it was seen"));
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it is there");
        span.extensions_mut().get_mut::<Sighting>().expect("it was seen").entered = true;
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("it is there");
        let sighting = span.extensions_mut().remove::<Sighting>().expect("it was seen");
        self.closed.lock().expect("alive").push(sighting);
    }
}

impl Visit for Sighting {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}
