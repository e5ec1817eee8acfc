use std::any::TypeId;

/// What a handler needs of the inbox of its run.
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
