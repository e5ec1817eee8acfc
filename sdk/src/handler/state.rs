use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;

/// The values that were given to [`Run::state`](crate::Run::state), one of each type.
///
/// An [extractor](crate::FromContext) of one's own asks it before the first event comes:
///
/// ```
/// use tidings::{Context, Extractor, FromContext, HandlerError, MissingState, Service, State, States};
///
/// #[derive(Clone)]
/// struct Clock;
/// struct Now(Clock);
///
/// impl Extractor for Now {}
///
/// impl<S: Service> FromContext<S> for Now {
///     fn from_context(cx: &Context<S>) -> Result<Self, HandlerError> {
///         Ok(Self(State::from_context(cx)?.0))
///     }
///
///     fn check(states: &States) -> Result<(), MissingState> {
///         states.get::<Clock>().map(drop) // the run does not begin without `.state(Clock)`
///     }
/// }
/// ```
#[derive(Default)]
pub struct States(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl States {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Box::new(value));
    }

    /// The value of a type.
    ///
    /// # Errors
    /// None was given.
    pub fn get<T: 'static>(&self) -> Result<&T, MissingState> {
        let value = self.0.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref());
        value.ok_or(MissingState(Missing::State(type_name::<T>())))
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("States").field(&self.0.len()).finish()
    }
}

/// A handler takes what nobody gave to its run: a [`State`](crate::State), or a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct MissingState(Missing);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Missing {
    #[error(
        "a handler takes `State<{0}>`, which was not given: add `.state(…)` where the subscriber is run"
    )]
    State(&'static str),
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    #[error(
        "a handler takes `{type_name}`, and there is no such transaction: add `.inbox({inbox})` where the subscriber is run (a replay has none)"
    )]
    Transaction { type_name: &'static str, inbox: &'static str },
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl MissingState {
    pub(crate) fn transaction(type_name: &'static str, inbox: &'static str) -> Self {
        Self(Missing::Transaction { type_name, inbox })
    }
}
