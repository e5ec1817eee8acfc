use crate::{ConsumedBy, Event, Subscription};

/// What a handler function may take first: an event, or a union of events made by
/// [`#[derive(EventUnion)]`](macro@crate::EventUnion).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event of the catalog",
    label = "not an event",
    note = "declare the event in a file of `event-catalog/` and rebuild, bind a type of your own to one with `#[derive(Event)]`, or put several into an enum with `#[derive(EventUnion)]`"
)]
pub trait HandlerInput: Send + 'static {
    /// The catalog's types of its events, as a list: `(first, (second, ()))`.
    #[doc(hidden)]
    type Contracts;
}

impl<E: Event> HandlerInput for E {
    type Contracts = (E::Contract, ());
}

/// What takes the catalog's event `C`: its generated type, one that is bound to it by
/// [`#[derive(Event)]`](macro@crate::Event), or a union with a variant for either.
#[diagnostic::on_unimplemented(
    message = "a handler of `{Self}` does not handle `{C}`",
    label = "not a handler of this event",
    note = "write `#[event_handler]` above an `async fn` whose first argument is `{C}`, or a union of events with a variant for it"
)]
pub trait Accepts<C>: From<Self::Event> {
    /// What the payload is read as.
    type Event: Event<Contract = C>;
}

/// A list of events that the subscription `S` receives.
#[doc(hidden)]
pub trait ReceivedBy<S: Subscription> {}

impl<S: Subscription> ReceivedBy<S> for () {}

impl<S, E, Rest> ReceivedBy<S> for (E, Rest)
where
    S: Subscription,
    E: ConsumedBy<S>,
    Rest: ReceivedBy<S>,
{
}
