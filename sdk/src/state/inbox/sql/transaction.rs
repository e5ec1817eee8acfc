//! The transaction that a handler works in, from the runtime's hands and back.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Open, Sql, statements};
use crate::handler::{Needs, States};
use crate::state::inbox::{InboxError, Mark, Terms};
use crate::state::sql::{Dialect, within};
use crate::{Context, Extractor, FromContext, HandlerError, MissingState, Service};

/// The transaction that a handler's event is marked as handled in: what the handler writes in it is there once, whatever dies
/// and whatever comes twice.
///
/// It is the run's [`Inbox`](crate::Inbox) that begins it, and commits it once the handler has answered `Ok`. On an error, a panic
/// or a timeout it is rolled back. A handler function takes it as an argument, a method by
/// [`Context::transaction`](crate::Context::transaction).
///
/// It is sqlx's connection, by `&mut *tx`:
///
/// ```
/// use event_catalog::user::UserCreated;
/// use tidings::{Handled, Tx, event_handler};
///
/// #[event_handler]
/// async fn register(user: UserCreated, mut tx: Tx<sqlx::Sqlite>) -> Handled {
///     let insert = sqlx::query("INSERT INTO members (id, email) VALUES ($1, $2)");
///     insert.bind(user.user_id.to_string()).bind(user.email).execute(&mut *tx).await?;
///     Ok(())
/// }
/// ```
///
/// It ends with its handler: what is moved into a task, or forgotten, cannot be committed, and the event counts as failed.
pub struct Tx<DB: Dialect> {
    /// There until it is dropped.
    open: Option<Open<DB>>,
    held: Arc<Held<DB>>,
}

/// The place of a handler's transaction while it is not with the handler.
pub(crate) struct Held<DB: Dialect> {
    place: Mutex<Place<DB>>,
    /// Whether the handler ever had it.
    used: AtomicBool,
    claimed: Option<Claimed<DB>>,
}

/// What a transaction marks that is begun when the handler asks for it.
struct Claimed<DB: Dialect> {
    sql: Arc<Sql<DB>>,
    mark: Mark,
    by: String,
    terms: Terms,
}

enum Place<DB: Dialect> {
    NotBegun,
    /// The handler waits for it. Nothing keeps others from the event but its claim.
    Beginning,
    Here(Open<DB>),
    /// With the handler, or on the way to it.
    Taken,
    /// The handler has ended.
    Closed,
}

/// What came back from a handler.
pub(super) enum Returned<DB: Dialect> {
    /// It was not asked for.
    NotBegun,
    Transaction {
        open: Open<DB>,
        used: bool,
    },
    /// The handler still has it.
    Kept,
}

impl<DB: Dialect> Held<DB> {
    /// Begun before the handler is.
    pub(super) fn begun(open: Open<DB>) -> Arc<Self> {
        let (place, used) = (Mutex::new(Place::Here(open)), AtomicBool::new(false));
        Arc::new(Self { place, used, claimed: None })
    }

    /// To be begun when the handler asks for it.
    pub(super) fn claimed(sql: &Arc<Sql<DB>>, mark: &Mark, by: &str, terms: Terms) -> Arc<Self> {
        let (sql, mark, by) = (Arc::clone(sql), mark.clone(), by.to_owned());
        let (place, used) = (Mutex::new(Place::NotBegun), AtomicBool::new(false));
        Arc::new(Self { place, used, claimed: Some(Claimed { sql, mark, by, terms }) })
    }

    fn place(&self) -> MutexGuard<'_, Place<DB>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the database itself keeps others from the event.
    pub(super) fn is_open(&self) -> bool {
        matches!(*self.place(), Place::Here(_) | Place::Taken)
    }

    fn take(self: &Arc<Self>) -> Result<Tx<DB>, InboxError> {
        let mut place = self.place();
        match mem::replace(&mut *place, Place::Taken) {
            Place::Here(open) => {
                self.used.store(true, Ordering::Relaxed);
                Ok(Tx { open: Some(open), held: Arc::clone(self) })
            }
            other => {
                let error = match other {
                    Place::Taken | Place::Beginning => InboxError::Taken,
                    _ => InboxError::NoTransaction,
                };
                *place = other;
                Err(error)
            }
        }
    }

    /// Takes it, and begins it where that has not been done.
    pub(crate) async fn taken(self: &Arc<Self>) -> Result<Tx<DB>, InboxError> {
        let Some(claimed) = self.claimed.as_ref().filter(|_| self.begins()) else {
            return self.take();
        };
        let beginning = Beginning(self);
        let Claimed { sql, mark, by, terms: Terms { retention, patience, .. } } = claimed;
        let mut open = sql.begin(*patience).await?;
        let marking = statements::mark_claimed::<DB>(&mut open.transaction, mark, by, *retention);
        if !within(*patience, marking).await? {
            return Err(InboxError::Lost);
        }
        beginning.end();
        self.used.store(true, Ordering::Relaxed);
        Ok(Tx { open: Some(open), held: Arc::clone(self) })
    }

    /// Whether it is for the caller to begin it.
    fn begins(&self) -> bool {
        let mut place = self.place();
        let begins = matches!(*place, Place::NotBegun);
        if begins {
            *place = Place::Beginning;
        }
        begins
    }

    /// The handler has ended.
    pub(super) fn close(&self) -> Returned<DB> {
        match mem::replace(&mut *self.place(), Place::Closed) {
            Place::NotBegun => Returned::NotBegun,
            Place::Here(open) => {
                Returned::Transaction { open, used: self.used.load(Ordering::Relaxed) }
            }
            Place::Beginning | Place::Taken | Place::Closed => Returned::Kept,
        }
    }
}

/// A transaction that is not begun to the end is not begun.
struct Beginning<'h, DB: Dialect>(&'h Held<DB>);

impl<DB: Dialect> Beginning<'_, DB> {
    /// It is with the handler now, unless that has ended.
    fn end(self) {
        let mut place = self.0.place();
        if matches!(*place, Place::Beginning) {
            *place = Place::Taken;
        }
    }
}

impl<DB: Dialect> Drop for Beginning<'_, DB> {
    fn drop(&mut self) {
        let mut place = self.0.place();
        if matches!(*place, Place::Beginning) {
            *place = Place::NotBegun;
        }
    }
}

impl<DB: Dialect> Deref for Tx<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        match &self.open {
            Some(open) => &open.transaction,
            None => unreachable!("it is there until it is dropped"),
        }
    }
}

impl<DB: Dialect> DerefMut for Tx<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        match &mut self.open {
            Some(open) => &mut open.transaction,
            None => unreachable!("it is there until it is dropped"),
        }
    }
}

impl<DB: Dialect> Drop for Tx<DB> {
    fn drop(&mut self) {
        let mut place = self.held.place();
        // Too late, it is rolled back by being dropped.
        if let (Place::Taken, Some(open)) = (&*place, self.open.take()) {
            *place = Place::Here(open);
        }
    }
}

impl<DB: Dialect> fmt::Debug for Tx<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("database", &DB::NAME).finish_non_exhaustive()
    }
}

impl<DB: Dialect> fmt::Debug for Held<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("database", &DB::NAME).finish_non_exhaustive()
    }
}

/// Among the states: that the run's inbox gives transactions of this database.
pub(crate) struct Provided<DB>(PhantomData<fn() -> DB>);

impl<DB> Provided<DB> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<DB: Dialect> Extractor for Tx<DB> {}

impl<S: Service, DB: Dialect> FromContext<S> for Tx<DB> {
    fn from_context(cx: &Context<S>) -> Result<Self, HandlerError> {
        Ok(held::<DB>(cx.held())?.take()?)
    }

    fn check(states: &States) -> Result<(), MissingState> {
        let given = states.get::<Provided<DB>>().map(drop);
        given.map_err(|_| MissingState::transaction(type_name::<Self>(), DB::INBOX))
    }

    fn needs() -> Needs {
        Needs::transaction(TypeId::of::<DB>())
    }
}

/// The place of a transaction of this database.
pub(crate) fn held<DB: Dialect>(
    held: Option<&Arc<dyn Any + Send + Sync>>,
) -> Result<Arc<Held<DB>>, InboxError> {
    let held = held.ok_or(InboxError::NoTransaction)?;
    Arc::clone(held).downcast().map_err(|_| InboxError::NoTransaction)
}
