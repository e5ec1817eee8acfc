use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use crate::catalog::{Subscription, SubscriptionSpec};
use crate::envelope::Envelope;
use crate::handler::{Context, DeliveryContext, EventHandler, Handled, MissingState, States};
use crate::{Event, Invalid, Service, ServiceSpec, Version};

/// A handler bound to a subscription of the catalog, to be run by [`Tidings::run`](crate::Tidings::run).
///
/// Made by the generated traits and `Handlers`: `billing::Invoicing::subscriber(…)`.
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
    ) -> Result<HandlerFuture, DispatchError>;

    /// Whether every state that a handler takes was given.
    fn check(&self, states: &States) -> Result<(), MissingState>;
}

/// No handler can be called with the event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DispatchError {
    #[error("no handler takes `{0}`")]
    UnknownEvent(String),
    #[error("`{event_type}` has version {version}, and the handler takes {expected}")]
    OtherVersion { event_type: &'static str, version: Version, expected: String },
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
    event_type: &'static str,
    version: Version,
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
            event_type: E::SPEC.event_type,
            version: E::SPEC.version,
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
            event_type: C::SPEC.event_type,
            version: C::SPEC.version,
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
    ) -> Result<HandlerFuture, DispatchError> {
        let route = self.route(&delivery.envelope)?;
        let cx = Context::new(Arc::clone(delivery));
        (route.call)(Arc::clone(&self.handler), data, cx).map_err(|unfit| match unfit {
            Unfit::Undecodable(source) => DispatchError::Payload {
                event_type: route.event_type,
                version: delivery.envelope.schema_version.unwrap_or(route.version),
                source,
            },
            Unfit::Invalid(invalid) => DispatchError::Invalid(invalid),
        })
    }

    fn check(&self, states: &States) -> Result<(), MissingState> {
        self.checks.iter().try_for_each(|check| check(&self.handler, states))
    }
}

impl<S: Subscription, H> SubscriberBuilder<S, H> {
    /// The route of an event: of its type, and of its major version, which a minor one never changes. An event that
    /// names no version is read as the newest that is handled.
    fn route(&self, envelope: &Envelope) -> Result<&Route<S, H>, DispatchError> {
        let event_type = envelope.event_type.as_str();
        let candidates = || self.routes.iter().filter(|route| route.event_type == event_type);
        let newest = candidates()
            .max_by_key(|route| route.version)
            .ok_or_else(|| DispatchError::UnknownEvent(event_type.to_owned()))?;
        let Some(version) = envelope.schema_version else {
            return Ok(newest);
        };
        candidates().find(|route| route.version.major == version.major).ok_or_else(|| {
            let expected: Vec<String> =
                candidates().map(|route| format!("{}.x", route.version.major)).collect();
            DispatchError::OtherVersion {
                event_type: newest.event_type,
                version,
                expected: expected.join(" or "),
            }
        })
    }
}

impl<S: Subscription, H> fmt::Debug for SubscriberBuilder<S, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriberBuilder")
            .field("durable", &S::SPEC.durable)
            .finish_non_exhaustive()
    }
}
