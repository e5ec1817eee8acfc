use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::route::{Course, course};
use crate::catalog::{Subscription, SubscriptionSpec};
use crate::envelope::Envelope;
use crate::handler::{Context, DeliveryContext, EventHandler, Handled, MissingState, States};
use crate::{Event, EventSpec, Invalid, Service, ServiceSpec, UpcastFailed, Version};

/// A handler bound to a subscription of the catalog, to be run by [`Tidings::run`](crate::Tidings::run).
///
/// Made by the generated traits and `Handlers`: `billing::Invoicing::subscriber(…)`.
#[derive(Clone)]
pub struct Subscriber {
    pub(crate) service: &'static ServiceSpec,
    pub(crate) spec: &'static SubscriptionSpec,
    pub(crate) dispatch: Arc<dyn Dispatch>,
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber").field("durable", &self.spec.durable).finish_non_exhaustive()
    }
}

pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Handled> + Send>>;

/// A subscriber's routes, whatever its handler's type.
pub(crate) trait Dispatch: Send + Sync {
    /// Reads the payload as the event that its envelope names, for the handler that takes it.
    fn dispatch(
        &self,
        data: &str,
        delivery: &Arc<DeliveryContext>,
    ) -> Result<Dispatched, DispatchError>;

    /// Whether every state that a handler takes was given.
    fn check(&self, states: &States) -> Result<(), MissingState>;
}

/// What an event comes to.
pub(crate) enum Dispatched {
    /// A handler takes it.
    Handler(HandlerFuture),
    /// The subscription takes the same fact in another version.
    Skipped,
}

/// No handler can be called with the event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DispatchError {
    #[error("no handler takes `{0}`")]
    UnknownEvent(String),
    #[error("`{event_type}` has version {version}, and the handler takes {expected}")]
    OtherVersion { event_type: &'static str, version: Version, expected: String },
    #[error(transparent)]
    Upcast(#[from] UpcastFailed),
    #[error("the payload is not a `{event_type}` of version {version}: {source}")]
    Payload { event_type: &'static str, version: Version, source: serde_json::Error },
    #[error(transparent)]
    Invalid(Invalid),
}

/// A payload that its handler is not given.
enum Unfit {
    Undecodable(serde_json::Error),
    Invalid(Invalid),
}

/// Reads a payload; checks it too, where the subscription does.
fn read<S: Subscription, E: Event>(data: &str) -> Result<E, Unfit> {
    let event: E = serde_json::from_str(data).map_err(Unfit::Undecodable)?;
    if S::SPEC.validate {
        event.validate().map_err(Unfit::Invalid)?;
    }
    Ok(event)
}

type Call<S, H> = dyn Fn(Arc<H>, &str, Context<<S as Subscription>::Service>) -> Result<HandlerFuture, Unfit>
    + Send
    + Sync;
type Check<H> = dyn Fn(&H, &States) -> Result<(), MissingState> + Send + Sync;
type Answer<'a> = Pin<Box<dyn Future<Output = Handled> + Send + 'a>>;

/// Collects a subscriber's routes; generated code writes them down.
#[doc(hidden)]
pub struct SubscriberBuilder<S: Subscription, H> {
    handler: Arc<H>,
    routes: Vec<Route<S, H>>,
    checks: Vec<Box<Check<H>>>,
    subscription: PhantomData<fn() -> S>,
}

struct Route<S: Subscription, H> {
    spec: &'static EventSpec,
    call: Box<Call<S, H>>,
}

impl<S: Subscription, H: Send + Sync + 'static> SubscriberBuilder<S, H> {
    pub fn new(handler: H) -> Self {
        let (routes, checks) = (Vec::new(), Vec::new());
        Self { handler: Arc::new(handler), routes, checks, subscription: PhantomData }
    }

    /// Events of type `E` go to a method of the handler.
    #[must_use]
    pub fn on<E: Event>(
        mut self,
        method: for<'a> fn(&'a H, E, &'a Context<S::Service>) -> Answer<'a>,
    ) -> Self {
        self.routes.push(Route {
            spec: E::SPEC,
            call: Box::new(move |handler, data, cx| {
                let event = read::<S, E>(data)?;
                Ok(Box::pin(async move { method(&handler, event, &cx).await }))
            }),
        });
        self
    }

    /// Events of type `C` go to a function that the handler holds.
    #[must_use]
    pub fn on_fn<F, C>(mut self, function: fn(&H) -> &F) -> Self
    where
        F: EventHandler<S::Service, C>,
        C: Event,
    {
        self.routes.push(Route {
            spec: C::SPEC,
            call: Box::new(move |handler, data, cx| {
                let event = read::<S, F::Event>(data)?;
                Ok(Box::pin(async move { function(&handler).call(event, &cx).await }))
            }),
        });
        self.checks.push(Box::new(move |handler, states| function(handler).check(states)));
        self
    }

    pub fn build(self) -> Subscriber {
        Subscriber { service: S::Service::SPEC, spec: S::SPEC, dispatch: Arc::new(self) }
    }
}

impl<S: Subscription, H: Send + Sync + 'static> Dispatch for SubscriberBuilder<S, H> {
    fn dispatch(
        &self,
        data: &str,
        delivery: &Arc<DeliveryContext>,
    ) -> Result<Dispatched, DispatchError> {
        let Some(route) = self.route(&delivery.envelope)? else {
            return Ok(Dispatched::Skipped);
        };
        let spec = route.spec;
        let published = delivery.envelope.schema_version.unwrap_or(spec.version);
        let cx = Context::new(Arc::clone(delivery));
        let call = |data: &str| (route.call)(Arc::clone(&self.handler), data, cx);
        let undecodable = |source| DispatchError::Payload {
            event_type: spec.event_type,
            version: published,
            source,
        };
        let called = if published.major == spec.version.major {
            call(data).map_err(|unfit| match unfit {
                Unfit::Undecodable(source) => undecodable(source),
                Unfit::Invalid(invalid) => DispatchError::Invalid(invalid),
            })
        } else {
            let payload = serde_json::from_str(data).map_err(undecodable)?;
            let payload = spec.upcast(published, payload)?;
            call(&payload.to_string()).map_err(|unfit| match unfit {
                Unfit::Undecodable(error) => spec.unread(published, error).into(),
                Unfit::Invalid(invalid) => spec.unread(published, invalid).into(),
            })
        };
        called.map(Dispatched::Handler)
    }

    fn check(&self, states: &States) -> Result<(), MissingState> {
        self.checks.iter().try_for_each(|check| check(&self.handler, states))
    }
}

impl<S: Subscription, H> SubscriberBuilder<S, H> {
    /// The route of an event: of its type, and for its version. None where the event is to be let go.
    fn route(&self, envelope: &Envelope) -> Result<Option<&Route<S, H>>, DispatchError> {
        let event_type = envelope.event_type.as_str();
        let own = self.routes.iter().find(|route| {
            let version = route.spec.version;
            route.spec.event_type == event_type
                && envelope.schema_version.is_some_and(|one| one.major == version.major)
        });
        if own.is_some() && envelope.majors.is_empty() {
            return Ok(own);
        }
        let routes: Vec<&Route<S, H>> =
            self.routes.iter().filter(|route| route.spec.event_type == event_type).collect();
        let handled: Vec<&EventSpec> = routes.iter().map(|route| route.spec).collect();
        match course(&handled, envelope.schema_version, &envelope.majors) {
            Course::Take(index) => Ok(Some(routes[index])),
            Course::Skip => Ok(None),
            Course::Refuse => Err(match (handled.first(), envelope.schema_version) {
                (Some(spec), Some(version)) => {
                    let expected: Vec<String> =
                        handled.iter().map(|spec| format!("{}.x", spec.version.major)).collect();
                    let (event_type, expected) = (spec.event_type, expected.join(" or "));
                    DispatchError::OtherVersion { event_type, version, expected }
                }
                _ => DispatchError::UnknownEvent(event_type.to_owned()),
            }),
        }
    }
}

impl<S: Subscription, H> fmt::Debug for SubscriberBuilder<S, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriberBuilder")
            .field("durable", &S::SPEC.durable)
            .finish_non_exhaustive()
    }
}
