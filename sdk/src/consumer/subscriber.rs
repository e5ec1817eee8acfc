use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::dispatch_error::{DispatchError, Unfit};
use super::route::{personal, read, route};
use crate::catalog::{Subscription, SubscriptionSpec};
use crate::handler::{
    Context, DeliveryContext, EventHandler, Handled, MissingState, Needs, States,
};
use crate::message::envelope::Envelope;
use crate::{Event, EventSpec, PersonalField, Service, ServiceSpec};

/// A handler bound to a subscription of the catalog, to be run by [`Tidings::run`](crate::Tidings::run).
///
/// Made by the generated traits and `Handlers`: `billing::Invoicing::subscriber(…)`.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile::{self, welcome_mail};
/// use tidings::{Handled, Subscriber, event_handler};
///
/// #[event_handler]
/// async fn welcome(user: UserCreated) -> Handled {
///     println!("welcome, {}", user.user_id);
///     Ok(())
/// }
///
/// struct Mailer;
///
/// #[event_handler]
/// impl user_profile::WelcomeMail for Mailer {
///     async fn user_created(&self, user: UserCreated, _: &user_profile::Context) -> Handled {
///         println!("welcome, {}", user.user_id);
///         Ok(())
///     }
/// }
///
/// fn of_functions() -> Subscriber {
///     welcome_mail::Handlers { user_created: welcome }.subscriber()
/// }
///
/// fn of_a_trait() -> Subscriber {
///     user_profile::WelcomeMail::subscriber(Mailer)
/// }
/// # let _ = (of_functions(), of_a_trait());
/// ```
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

    /// Where an event's payload holds personal data, as far as the routes know.
    fn personal(&self, envelope: &Envelope) -> &'static [PersonalField];

    /// Whether a handler is called with the event, if it can be read.
    fn takes(&self, envelope: &Envelope, begun: bool) -> bool;

    /// The events that the routes take, in the versions that they can be made from too.
    fn specs(&self) -> Vec<&'static EventSpec>;

    /// Whether every state that a handler takes was given.
    fn check(&self, states: &States) -> Result<(), MissingState>;

    /// What its handlers need of an inbox, all together.
    fn needs(&self) -> Needs;
}

/// What an event comes to.
pub(crate) enum Dispatched {
    /// A handler takes it, and needs this of an inbox.
    Handler(HandlerFuture, Needs),
    /// The subscription takes the same fact in another version.
    Skipped,
}

/// Reads a payload; checks it too, where the subscription does.
fn decode<S: Subscription, E: Event>(data: &str) -> Result<E, Unfit> {
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
    needs: Needs,
    subscription: PhantomData<fn() -> S>,
}

struct Route<S: Subscription, H> {
    spec: &'static EventSpec,
    needs: Needs,
    call: Box<Call<S, H>>,
}

impl<S: Subscription, H: Send + Sync + 'static> SubscriberBuilder<S, H> {
    pub fn new(handler: H) -> Self {
        let (routes, checks) = (Vec::new(), Vec::new());
        let (needs, subscription) = (Needs::NONE, PhantomData);
        Self { handler: Arc::new(handler), routes, checks, needs, subscription }
    }

    /// What each handler needs of an inbox, whatever it takes.
    #[must_use]
    pub fn needing(mut self, needs: Needs) -> Self {
        self.needs = self.needs.and(needs);
        self
    }

    /// Events of type `E` go to a method of the handler.
    #[must_use]
    pub fn on<E: Event>(
        mut self,
        method: for<'a> fn(&'a H, E, &'a Context<S::Service>) -> Answer<'a>,
    ) -> Self {
        self.routes.push(Route {
            spec: E::SPEC,
            needs: Needs::NONE,
            call: Box::new(move |handler, data, cx| {
                let event = decode::<S, E>(data)?;
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
            needs: function(&self.handler).needs(),
            call: Box::new(move |handler, data, cx| {
                let event = decode::<S, F::Event>(data)?;
                Ok(Box::pin(async move { function(&handler).call(event, &cx).await }))
            }),
        });
        self.checks.push(Box::new(move |handler, states| function(handler).check(states)));
        self
    }

    pub fn build(mut self) -> Subscriber {
        if S::SPEC.idempotent {
            self.needs = self.needs.and(Needs::ONCE);
        }
        Subscriber { service: S::Service::SPEC, spec: S::SPEC, dispatch: Arc::new(self) }
    }
}

impl<S: Subscription, H: Send + Sync + 'static> Dispatch for SubscriberBuilder<S, H> {
    fn dispatch(
        &self,
        data: &str,
        delivery: &Arc<DeliveryContext>,
    ) -> Result<Dispatched, DispatchError> {
        let Some(route) =
            route(&self.routes, |route| route.spec, &delivery.envelope, delivery.begun)?
        else {
            return Ok(Dispatched::Skipped);
        };
        let organization = delivery.envelope.organization_id.as_deref();
        route.spec.check_organization(&delivery.subject, organization)?;
        let cx = Context::new(Arc::clone(delivery));
        let call = |data: &str| (route.call)(Arc::clone(&self.handler), data, cx);
        let handler = read(route.spec, &delivery.envelope, data, call)?;
        Ok(Dispatched::Handler(handler, self.needs.and(route.needs)))
    }

    fn personal(&self, envelope: &Envelope) -> &'static [PersonalField] {
        personal(self.specs().into_iter(), envelope)
    }

    fn takes(&self, envelope: &Envelope, begun: bool) -> bool {
        matches!(route(&self.routes, |route| route.spec, envelope, begun), Ok(Some(_)))
    }

    fn specs(&self) -> Vec<&'static EventSpec> {
        let newest = self.routes.iter().map(|route| route.spec);
        newest.flat_map(|spec| std::iter::once(spec).chain(spec.upcasts_from())).collect()
    }

    fn check(&self, states: &States) -> Result<(), MissingState> {
        self.checks.iter().try_for_each(|check| check(&self.handler, states))
    }

    fn needs(&self) -> Needs {
        self.routes.iter().fold(self.needs, |needs, route| needs.and(route.needs))
    }
}

impl<S: Subscription, H> fmt::Debug for SubscriberBuilder<S, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriberBuilder")
            .field("durable", &S::SPEC.durable)
            .finish_non_exhaustive()
    }
}
