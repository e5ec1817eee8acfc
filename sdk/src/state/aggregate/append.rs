//! Changing an aggregate: what was decided on its state is stored if that is still its state.

use std::fmt::Display;
use std::time::Duration;

use super::loaded::Last;
use super::{Aggregate, Aggregates, AppendError, ExecuteError, Kind as _, Loaded, PublishableBy};
use crate::contract::union::Visitor;
use crate::publisher::{Append, Appended, NotAppended, Origin};
use crate::{Event, PublishError, Published, Service, resilience::retry};

impl<A: Aggregate, S: Service> Aggregates<A, S> {
    /// Appends events, if nothing was appended since it was loaded: all of them or none. It is what they make of it then.
    ///
    /// Each is checked and published as by the publisher, with its copies in older versions. The events may be a union of
    /// its own, of those that the service publishes. Without events, nothing happens.
    ///
    /// It takes nats-server 2.11 or newer; several events, and one that is published in several versions, take 2.12, unless
    /// they are appended [one by one](Self::one_by_one).
    ///
    /// # Errors
    /// [`AppendError::Conflict`] where somebody else has appended. After an error it is what it was, and can be
    /// [refreshed](Self::refresh).
    pub async fn append<U>(
        &self,
        loaded: &mut Loaded<A>,
        events: impl IntoIterator<Item = U>,
    ) -> Result<Vec<Published>, AppendError>
    where
        U: PublishableBy<S, A::Kind> + Into<A::Event>,
    {
        let events: Vec<U> = events.into_iter().collect();
        let expected = loaded.last_sequence();
        let aggregate = A::Kind::SPEC.name;
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let mut append = Append::behind(loaded.filter.clone(), expected);
        for (event, version) in events.iter().zip(loaded.events + 1..) {
            let added = Add { append: &mut append, origin: &self.origin, version };
            if let Err(subject) = event.visit(added)? {
                return Err(AppendError::Other { aggregate, id: loaded.id.clone(), subject });
            }
        }
        let all = events.len();
        match append.send(&self.origin.bus, self.one_by_one).await {
            Ok(Appended { events: published, last: Some((sequence, id)) }) => {
                for event in events {
                    loaded.state.apply(event.into());
                }
                loaded.events += all as u64;
                loaded.last = Some(Last { sequence, id });
                let whose = self.origin.organization.as_deref();
                loaded.organization = whose.map(str::to_owned).or(loaded.organization.take());
                self.history.keep(loaded);
                Ok(published)
            }
            // They had been stored before, and are in the history or will be.
            Ok(Appended { events: published, last: None }) => {
                let now = self.history.load(&loaded.id).await.map_err(AppendError::Unread)?;
                *loaded = now;
                Ok(published)
            }
            Err(NotAppended { stored: 0, reason: PublishError::Conflict { last, .. } }) => {
                Err(AppendError::Conflict { aggregate, id: loaded.id.clone(), expected, last })
            }
            Err(NotAppended { stored: 0, reason }) => Err(reason.into()),
            Err(NotAppended { stored, reason }) => Err(AppendError::InPart {
                aggregate,
                id: loaded.id.clone(),
                stored,
                all,
                source: reason,
            }),
        }
    }

    /// Loads an aggregate, has something decided on its state, and appends what was decided. After a conflict it is decided
    /// anew on what there is then, up to [so many times](Self::attempts).
    ///
    /// The decision has no effects of its own: it may be made several times. Deciding for no events is fine.
    ///
    /// # Errors
    /// It was decided against, and [`ExecuteError::Refused`] says why; or it could not be read or appended.
    pub async fn execute<U, E, D, I>(
        &self,
        id: impl Display,
        mut decide: D,
    ) -> Result<Loaded<A>, ExecuteError<E>>
    where
        U: PublishableBy<S, A::Kind> + Into<A::Event>,
        I: IntoIterator<Item = U>,
        D: FnMut(&A) -> Result<I, E>,
    {
        let mut loaded = self.load(id).await?;
        let mut attempt = 1;
        loop {
            let events = decide(&loaded).map_err(ExecuteError::Refused)?;
            match self.append(&mut loaded, events).await {
                Err(AppendError::Conflict { .. }) if attempt < self.attempts => {
                    tracing::debug!(id = loaded.id, attempt, "deciding anew after a conflict");
                }
                outcome => return outcome.map(|_| loaded).map_err(Into::into),
            }
            // Of many who try again, not all should do it at once.
            let pause =
                retry::doubling(Duration::from_millis(2), Duration::from_millis(250), attempt);
            tokio::time::sleep(pause).await;
            attempt += 1;
            self.refresh(&mut loaded).await?;
        }
    }
}

/// Adds an event, whatever its type.
struct Add<'a> {
    append: &'a mut Append,
    origin: &'a Origin,
    version: u64,
}

impl Visitor for Add<'_> {
    type Output = Result<Result<(), String>, PublishError>;

    fn visit<E: Event>(self, event: &E) -> Self::Output {
        self.append.add(self.origin, event, self.version)
    }
}
