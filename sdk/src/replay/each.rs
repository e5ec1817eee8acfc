//! Events to a function, as one of a union.

use std::borrow::Cow;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use futures_util::FutureExt as _;
use jiff::Timestamp;

use super::handling::{Taken, reason};
use super::output::Output;
use super::place::Place;
use super::{Replay, ReplayError, Replayed};
use crate::consumer::DispatchError;
use crate::contract::union::{check_organization, screen, takes, versions};
use crate::handler::Verdict;
use crate::message::envelope::{Data, Envelope};
use crate::message::opened::{OpenError, opened};
use crate::resilience::panic::panicked;
use crate::{EventUnion, Handled, HandlerError, Reason, Tidings};

/// With what an event has come.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile;
/// use tidings::{Event as _, testing};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// # user_profile::Publisher::new(&bus).organization("acme").user_created(testing::example()).await?;
/// let listing = bus.replay(UserCreated::SPEC).each_untyped(|arrival, _payload| {
///     let (place, event) = (&arrival.place, &arrival.envelope);
///     println!("{} {} {}: {}", place.sequence, arrival.stored, arrival.subject, event.id);
///     async { Ok(()) }
/// });
/// assert_eq!(listing.await?.events, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Arrival {
    /// Where it lies: once it is done, everything up to there is.
    pub place: Place,
    /// The subject that it was published on.
    pub subject: String,
    /// When its stream took it.
    pub stored: Timestamp,
    /// Its attributes.
    pub envelope: Envelope,
}

/// An event that has come, and was not looked into.
pub(super) struct Coming<'a> {
    pub(super) bus: &'a Tidings,
    pub(super) arrival: Arrival,
    pub(super) data: Data<'a>,
}

/// What takes events in, one at a time.
pub(super) trait Sink: Send {
    fn take<'a>(
        &'a mut self,
        coming: Coming<'a>,
    ) -> Pin<Box<dyn Future<Output = Taken> + Send + 'a>>;
}

impl Replay {
    /// Hands the events to a function, as one of a union, each in the version that the union has. Events that are none of
    /// it are passed over. A failure is not tried again: it ends the replay, or is [skipped](Self::skip_failures).
    ///
    /// ```no_run
    /// use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
    /// use tidings::{Event as _, EventUnion};
    ///
    /// #[derive(EventUnion)]
    /// enum OrderEvent {
    ///     Created(Box<OrderCreated>),
    ///     StatusChanged(OrderStatusChanged),
    /// }
    ///
    /// # async fn count(bus: tidings::Tidings, order: &str) -> Result<(), tidings::ReplayError> {
    /// let mut changes = 0;
    /// let orders = event_catalog::CATALOG.stream(OrderCreated::SPEC.stream).expect("a stream");
    /// let counting = bus.replay(orders).key(order).each(|event: OrderEvent, _| {
    ///     changes += usize::from(matches!(event, OrderEvent::StatusChanged(_)));
    ///     async { Ok(()) }
    /// });
    /// counting.await?;
    /// println!("{changes} changes");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An event fails, and [`ReplayError::Failed`] says which; or the source cannot be read; or the union has events with
    /// encrypted fields, and the connection has no keys.
    pub async fn each<U, F, A>(self, take: F) -> Result<Replayed, ReplayError>
    where
        U: EventUnion,
        F: FnMut(U, Arrival) -> A + Send,
        A: Future<Output = Handled> + Send,
    {
        self.bus.keys().fits(versions::<U>())?;
        self.run(Output::Sink(Box::new(Each { take, union: std::marker::PhantomData }))).await
    }
}

struct Each<U, F> {
    take: F,
    union: std::marker::PhantomData<fn() -> U>,
}

impl<U, F, A> Sink for Each<U, F>
where
    U: EventUnion,
    F: FnMut(U, Arrival) -> A + Send,
    A: Future<Output = Handled> + Send,
{
    fn take<'a>(
        &'a mut self,
        coming: Coming<'a>,
    ) -> Pin<Box<dyn Future<Output = Taken> + Send + 'a>> {
        Box::pin(async move {
            let data = match coming.opened::<U>().await {
                Ok(data) => data,
                Err(Shut::Final(taken)) => return taken,
                Err(Shut::ForNow(error)) => return Taken::shut(error),
            };
            let arrival = coming.arrival();
            let envelope = arrival.envelope.clone();
            let event = match decoded::<U>(&envelope, &data) {
                Ok(event) => event,
                Err(taken) => return taken,
            };
            let outcome = caught(|| (self.take)(event, arrival)).await;
            taken::<U>(outcome, &envelope, &data)
        })
    }
}

/// Why an event was not opened.
pub(super) enum Shut {
    /// This becomes of it.
    Final(Taken),
    /// Nobody knows what becomes of it: it can be tried again.
    ForNow(OpenError),
}

impl Coming<'_> {
    /// The payload with plain values, if the union takes the event.
    pub(super) async fn opened<U: EventUnion>(&self) -> Result<Cow<'_, str>, Shut> {
        match takes::<U>(&self.arrival.envelope) {
            Ok(true) => {}
            Ok(false) => return Err(Shut::Final(Taken::No)),
            Err(error) => return Err(Shut::Final(refused(error.why()))),
        }
        let Arrival { place, subject, envelope, .. } = &self.arrival;
        if let Err(other) = check_organization::<U>(envelope, subject) {
            return Err(Shut::Final(refused(&other)));
        }
        let opening = opened(self.bus, &place.source, envelope, &self.data);
        opening.await.map_err(|error| match error.is_outage() {
            true => Shut::ForNow(error),
            false => Shut::Final(Taken::shut(error)),
        })
    }

    /// With what it has come, once it is opened.
    pub(super) fn arrival(&self) -> Arrival {
        let envelope = Envelope { encrypted_fields: None, ..self.arrival.envelope.clone() };
        Arrival { envelope, ..self.arrival.clone() }
    }
}

/// What becomes of an event that the union does not take.
fn refused(why: &DispatchError) -> Taken {
    match why {
        DispatchError::UnknownEvent(_) => Taken::No,
        why => Taken::Failed(reason(why), vec![why.to_string()]),
    }
}

/// The event as one of the union, or what becomes of it otherwise.
pub(super) fn decoded<U: EventUnion>(envelope: &Envelope, data: &str) -> Result<U, Taken> {
    match U::decode(envelope, data) {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Err(Taken::No),
        Err(error) => Err(match error.why() {
            DispatchError::UnknownEvent(_) => Taken::No,
            why => {
                Taken::Failed(reason(why), vec![screen::<U>(envelope, data).words(why.to_string())])
            }
        }),
    }
}

/// What came of a call; a panic is a failure.
pub(super) async fn caught<A>(call: impl FnOnce() -> A) -> Result<Handled, String>
where
    A: Future<Output = Handled>,
{
    let words = |panic: Box<dyn std::any::Any + Send>| panicked("the function", &*panic);
    let taking = catch_unwind(AssertUnwindSafe(call)).map_err(words)?;
    AssertUnwindSafe(taking).catch_unwind().await.map_err(words)
}

/// What an outcome means where nothing is tried again.
pub(super) fn taken<U: EventUnion>(
    outcome: Result<Handled, String>,
    envelope: &Envelope,
    data: &str,
) -> Taken {
    let (reason, chain) = match outcome {
        Ok(Ok(())) => return Taken::Yes,
        Ok(Err(error)) => (failed(&error), error.chain().collect()),
        Err(panic) => (Reason::Panicked, vec![panic]),
    };
    Taken::Failed(reason, screen::<U>(envelope, data).all(chain))
}

fn failed(error: &HandlerError) -> Reason {
    match error.verdict() {
        Verdict::Reject => Reason::Rejected,
        Verdict::Retry | Verdict::RetryAfter(_) => Reason::Failed,
    }
}
