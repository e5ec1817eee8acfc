//! What service code is handed, and what it answers.

mod context;
mod error;
mod extract;
mod input;
mod needs;
mod state;

use crate::{Event, Service};

pub use context::Context;
pub(crate) use context::{Common, DeliveryContext};
pub(crate) use error::Verdict;
pub use error::{Handled, HandlerError, Reject, RetryAfter};
pub use extract::{Extractor, FromContext, State};
pub use input::{Accepts, HandlerInput, ReceivedBy};
pub use needs::Needs;
pub use state::MissingState;
pub use state::States;

/// A function that handles an event; [`#[event_handler]`](macro@crate::event_handler) makes one.
///
/// `C` is the catalog's type for the event, `S` the service that the function serves.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile;
/// use tidings::{EventHandler, Handled, event_handler};
///
/// #[event_handler]
/// async fn welcome(user: UserCreated) -> Handled {
///     println!("welcome, {}", user.user_id);
///     Ok(())
/// }
///
/// /// What takes any handler of the event.
/// fn with_care<H: EventHandler<user_profile::Service, UserCreated>>(handler: H) -> H {
///     handler
/// }
///
/// let handlers = user_profile::welcome_mail::Handlers { user_created: with_care(welcome) };
/// # let _ = handlers.subscriber();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `{C}` for `{S}`",
    label = "not a handler of this event",
    note = "write `#[event_handler]` above an `async fn` whose first argument is `{C}`"
)]
pub trait EventHandler<S: Service, C: Event>: Send + Sync + 'static {
    /// What the function takes: the catalog's type, or one bound to it by `#[derive(Event)]`.
    type Event: Event<Contract = C>;

    /// Handles one event.
    fn call(&self, event: Self::Event, cx: &Context<S>) -> impl Future<Output = Handled> + Send;

    /// Whether every [`State`] that the function takes was given.
    ///
    /// # Errors
    /// One was not.
    fn check(&self, states: &States) -> Result<(), MissingState> {
        let _ = states;
        Ok(())
    }

    /// What the function needs of the [`Inbox`](crate::Inbox) of its run.
    #[doc(hidden)]
    fn needs(&self) -> Needs {
        Needs::NONE
    }
}
