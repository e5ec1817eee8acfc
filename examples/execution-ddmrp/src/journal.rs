//! Who has handled what, and how soon: what the story is told from, and what the figures at its end are made of.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tidings::{Context, Service, Timestamp, Uuid};

/// A journal of what the services of this process have handled. Clones are one journal.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Inner>>);

/// An event that a service has handled.
#[derive(Clone, Debug, PartialEq)]
pub struct Handled {
    /// The service.
    pub service: &'static str,
    /// The event.
    pub event_id: String,
    /// When it happened.
    pub happened: Timestamp,
    /// How long that was ago at the end of its handler.
    pub took: Duration,
}

#[derive(Default)]
struct Inner {
    handled: Vec<Handled>,
    /// What products are called.
    names: HashMap<Uuid, String>,
    reader: Option<Reader>,
}

/// What is done with a line of the story.
type Reader = Box<dyn FnMut(&str, &dyn Display) + Send>;

impl Journal {
    /// A handler has come to its end.
    pub fn handled<S: Service>(&self, cx: &Context<S>) {
        let now = Timestamp::now();
        let happened = cx.envelope().time.unwrap_or(now);
        // Clocks of two machines may differ.
        let took = Duration::try_from(now.duration_since(happened)).unwrap_or_default();
        let (service, event_id) = (S::SPEC.name, cx.event_id().to_owned());
        self.inner().handled.push(Handled { service, event_id, happened, took });
    }

    /// A service has something to say.
    pub fn tell<S: Service>(&self, what: impl Display) {
        if let Some(reader) = &mut self.inner().reader {
            reader(S::SPEC.name, &what);
        }
    }

    /// Who hears what the services have to say: nobody, unless somebody is named. It is called with the service and a line.
    pub fn read_to(&self, reader: impl FnMut(&str, &dyn Display) + Send + 'static) {
        self.inner().reader = Some(Box::new(reader));
    }

    /// Nobody listens any more.
    pub fn silence(&self) {
        self.inner().reader = None;
    }

    /// From now on, a product is told of by this name.
    pub fn call(&self, product_id: Uuid, name: &str) {
        self.inner().names.insert(product_id, name.to_owned());
    }

    /// What a product is called.
    pub fn name(&self, product_id: Uuid) -> String {
        let named = self.inner().names.get(&product_id).cloned();
        named.unwrap_or_else(|| format!("…{}", &product_id.simple().to_string()[26..]))
    }

    /// How many events were handled, once for each service.
    pub fn count(&self) -> usize {
        self.inner().handled.len()
    }

    /// What was handled, in that order.
    pub fn entries(&self) -> Vec<Handled> {
        self.inner().handled.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
