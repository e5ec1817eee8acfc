use super::{Context, HandlerError, MissingState, Needs, States};
use crate::Service;

/// A type that may be an argument of a handler function, after the event.
///
/// Extractors are [`Context`], [`State`], `Tx` (with the features `sqlite` and `postgres`), and what you implement
/// [`FromContext`] for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of an event handler",
    label = "not an extractor",
    note = "after the event, a handler takes the service's `Context`, `State<T>`, or a type that implements `FromContext`"
)]
pub trait Extractor {}

/// Makes an argument of a handler function from the context of its event.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use tidings::{Context, Extractor, FromContext, Handled, HandlerError, Service, event_handler};
///
/// struct Tenant(String);
///
/// impl Extractor for Tenant {}
///
/// impl<S: Service> FromContext<S> for Tenant {
///     fn from_context(cx: &Context<S>) -> Result<Self, HandlerError> {
///         Ok(Self(cx.tenant()?.to_owned()))
///     }
/// }
///
/// #[event_handler]
/// async fn count(_: UserCreated, Tenant(name): Tenant) -> Handled {
///     println!("one more of {name}");
///     Ok(())
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made from the context of an event of `{S}`",
    label = "not for a handler of this service",
    note = "a handler takes the `Context` of its own service, and the `T` of a `State<T>` is `Clone + Send + Sync + 'static`"
)]
pub trait FromContext<S: Service>: Extractor + Sized {
    /// Makes the argument.
    ///
    /// # Errors
    /// As in the handler itself: the event is tried again, or rejected.
    fn from_context(cx: &Context<S>) -> Result<Self, HandlerError>;

    /// Whether what the argument is made from was given. Called once, before the first event; [`States`] has an example.
    ///
    /// # Errors
    /// A state is missing.
    fn check(states: &States) -> Result<(), MissingState> {
        let _ = states;
        Ok(())
    }

    /// What the argument needs of the [`Inbox`](crate::Inbox) of the run: an extractor that is made of others needs what they do;
    /// [`Needs`] has an example.
    fn needs() -> Needs {
        Needs::NONE
    }
}

impl<S: Service> Extractor for Context<S> {}

impl<S: Service> FromContext<S> for Context<S> {
    fn from_context(cx: &Context<S>) -> Result<Self, HandlerError> {
        Ok(cx.clone())
    }
}

/// A value that was given to [`Run::state`](crate::Run::state): a database, a client, a configuration.
///
/// ```no_run
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile::welcome_mail;
/// use tidings::{Handled, State, Tidings, event_handler};
///
/// #[derive(Clone)]
/// struct Greeting(String);
///
/// #[event_handler]
/// async fn welcome(user: UserCreated, State(greeting): State<Greeting>) -> Handled {
///     println!("{}, {}", greeting.0, user.user_id);
///     Ok(())
/// }
///
/// # async fn run(bus: Tidings) -> Result<(), tidings::RunError> {
/// let subscriber = welcome_mail::Handlers { user_created: welcome }.subscriber();
/// bus.run(subscriber).state(Greeting("welcome".to_owned())).await?; // without it, the run does not begin
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State<T>(pub T);

impl<T> Extractor for State<T> {}

impl<S: Service, T: Clone + Send + Sync + 'static> FromContext<S> for State<T> {
    fn from_context(cx: &Context<S>) -> Result<Self, HandlerError> {
        Ok(Self(cx.states().get::<T>()?.clone()))
    }

    fn check(states: &States) -> Result<(), MissingState> {
        states.get::<T>().map(drop)
    }
}
