//! What happens, told line by line as it happens.

mod trail;

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use console::{Style, style};
use sample_program::say;
use tidings::{Context, Service, ServiceSpec, Uuid};

use self::trail::Trail;

/// Tells what the services do. Clones tell the same story.
#[derive(Clone)]
pub(crate) struct Timeline(Option<Arc<Inner>>);

struct Inner {
    begun: Instant,
    trail: Mutex<Trail>,
}

impl Timeline {
    /// A timeline on the standard output, which begins now.
    pub(crate) fn told() -> Self {
        Self(Some(Arc::new(Inner { begun: Instant::now(), trail: Mutex::default() })))
    }

    /// One that keeps to itself.
    pub(crate) fn quiet() -> Self {
        Self(None)
    }

    /// A handler has got something done.
    pub(crate) fn tell<S: Service>(&self, cx: &Context<S>, order_id: Uuid, what: impl Display) {
        self.event(cx, order_id, what, &Style::new());
    }

    /// A handler could not do what it should, or the answer was no.
    pub(crate) fn trouble<S: Service>(&self, cx: &Context<S>, order_id: Uuid, what: impl Display) {
        self.event(cx, order_id, what, &Style::new().yellow());
    }

    /// Somebody wants something of a service: no event led to it.
    pub(crate) fn command(&self, service: &ServiceSpec, order_id: Uuid, what: impl Display) {
        if let Some(inner) = &self.0 {
            inner.line(service.name, &short(order_id), &Style::new().bold().apply_to(what), 1);
        }
    }

    /// Something is the matter with a service, whichever order it has in hand.
    pub(crate) fn news(&self, service: &ServiceSpec, what: impl Display) {
        if let Some(inner) = &self.0 {
            inner.line(service.name, "", &Style::new().bold().yellow().apply_to(what), 1);
        }
    }

    /// What led to what: one tree of events for each of these orders.
    pub(crate) fn trail(&self, orders: &[Uuid]) -> String {
        self.0.as_ref().map(|inner| inner.trail().of(orders)).unwrap_or_default()
    }

    fn event<S: Service>(&self, cx: &Context<S>, order_id: Uuid, what: impl Display, tone: &Style) {
        if let Some(inner) = &self.0 {
            inner.trail().record(order_id, cx.envelope());
            inner.line(S::SPEC.name, &short(order_id), &tone.apply_to(what), cx.attempt());
        }
    }
}

impl Inner {
    fn line(&self, service: &str, order: &str, what: &dyn Display, attempt: u64) {
        let elapsed = self.begun.elapsed().as_secs_f64();
        let service = style_of(service).apply_to(format!("{service:<13}"));
        let order = style(format!("{order:<6}")).dim();
        let attempt = match attempt {
            1 => String::new(),
            _ => style(format!("  attempt {attempt}")).magenta().to_string(),
        };
        say(format_args!("{elapsed:>8.3} s  {service}  {order}  {what}{attempt}"));
    }

    fn trail(&self) -> std::sync::MutexGuard<'_, Trail> {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn style_of(service: &str) -> Style {
    match service {
        "orders" => Style::new().cyan(),
        "inventory" => Style::new().blue(),
        "payments" => Style::new().green(),
        _ => Style::new().magenta(),
    }
}

/// The end of an id, where it differs from the others of its time.
pub(crate) fn short(id: Uuid) -> String {
    id.simple().to_string().split_off(26)
}
