use std::any::TypeId;

/// What a handler needs of the inbox of its run.
///
/// An [extractor](crate::FromContext) that is made of two others needs what both do:
///
/// ```
/// use tidings::{Context, Extractor, FromContext, HandlerError, Needs, Service, State};
///
/// struct Both<A, B>(A, B);
///
/// impl<A: Extractor, B: Extractor> Extractor for Both<A, B> {}
///
/// impl<S: Service, A: FromContext<S>, B: FromContext<S>> FromContext<S> for Both<A, B> {
///     fn from_context(cx: &Context<S>) -> Result<Self, HandlerError> {
///         Ok(Self(A::from_context(cx)?, B::from_context(cx)?))
///     }
///
///     fn needs() -> Needs {
///         A::needs().and(B::needs())
///     }
/// }
/// # let _ = |both: Both<State<u8>, State<u16>>| (both.0, both.1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// That each event is handled once.
    pub(crate) once: bool,
    /// A transaction of this database, to work in.
    pub(crate) transaction: Option<TypeId>,
}

impl Needs {
    /// Nothing.
    pub const NONE: Self = Self { once: false, transaction: None };
    /// That each event is handled once.
    pub const ONCE: Self = Self { once: true, transaction: None };

    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn transaction(database: TypeId) -> Self {
        Self { once: true, transaction: Some(database) }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (once, transaction) = (self.once || other.once, self.transaction.or(other.transaction));
        Self { once, transaction }
    }
}
