//! A hand-written type as the catalog's.

use std::any::Any;
use std::ops::Deref;

use crate::Event;

/// An event as the catalog's type of it.
pub(crate) enum Contract<'e, C> {
    /// It has that type.
    Itself(&'e C),
    /// It has a type of one's own: it was written as JSON, and read again.
    Read(C),
}

impl<'e, C: Event> Contract<'e, C> {
    /// # Errors
    /// The hand-written type does not fit the catalog's.
    pub(crate) fn of<E: Event<Contract = C>>(event: &'e E) -> serde_json::Result<Self> {
        match (event as &dyn Any).downcast_ref::<C>() {
            Some(itself) => Ok(Self::Itself(itself)),
            None => serde_json::to_value(event).and_then(serde_json::from_value).map(Self::Read),
        }
    }
}

impl<C> Deref for Contract<'_, C> {
    type Target = C;

    fn deref(&self) -> &C {
        match self {
            Self::Itself(contract) => contract,
            Self::Read(contract) => contract,
        }
    }
}
