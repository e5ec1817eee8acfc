//! Events to a function, as one of a union.

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
use crate::contract::union::screen;
use crate::handler::Verdict;
use crate::message::envelope::Envelope;
use crate::resilience::panic::panicked;
use crate::{EventUnion, Handled, HandlerError, Reason};

/// With what an event has come.
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

/// What takes events in, one at a time.
pub(super) trait Sink: Send {
    fn take<'a>(
        &'a mut self,
        arrival: Arrival,
        data: &'a str,
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
    /// An event fails, and [`ReplayError::Failed`] says which; or the source cannot be read.
    pub async fn each<U, F, A>(self, take: F) -> Result<Replayed, ReplayError>
    where
        U: EventUnion,
        F: FnMut(U, Arrival) -> A + Send,
        A: Future<Output = Handled> + Send,
    {
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
        arrival: Arrival,
        data: &'a str,
    ) -> Pin<Box<dyn Future<Output = Taken> + Send + 'a>> {
        Box::pin(async move {
            let envelope = arrival.envelope.clone();
            let event = match decoded::<U>(&envelope, data) {
                Ok(event) => event,
                Err(taken) => return taken,
            };
            let outcome = caught(|| (self.take)(event, arrival)).await;
            taken::<U>(outcome, &envelope, data)
        })
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
