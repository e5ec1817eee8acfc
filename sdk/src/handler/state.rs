use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;

/// The values that were given to [`Run::state`](crate::Run::state), one of each type.
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
        value.ok_or(MissingState { type_name: type_name::<T>() })
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("States").field(&self.0.len()).finish()
    }
}

/// A handler takes a state that nobody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a handler takes `State<{type_name}>`, which was not given: add `.state(…)` where the subscriber is run"
)]
pub struct MissingState {
    type_name: &'static str,
}
