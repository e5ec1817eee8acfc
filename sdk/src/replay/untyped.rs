//! Events to a function, whatever their type.

use std::future::Future;
use std::pin::Pin;

use super::each::{Arrival, Coming, Sink, caught};
use super::handling::Taken;
use super::output::Output;
use super::{Replay, ReplayError, Replayed};
use crate::handler::Verdict;
use crate::message::claim;
use crate::{Handled, Reason};

impl Replay {
    /// Hands the events to a function as they are stored, each with its payload as JSON: for tools that know no types. What
    /// the catalog has encrypted is still encrypted; personal data is not hidden: see
    /// [`Catalog::shown`](crate::catalog::Catalog::shown).
    ///
    /// ```no_run
    /// # async fn list(bus: tidings::Tidings) -> Result<(), tidings::ReplayError> {
    /// let orders = event_catalog::CATALOG.stream("ORDERS_EVENTS").expect("a stream");
    /// let listing = bus.replay(orders).each_untyped(|arrival, _payload| {
    ///     println!("{} {}", arrival.stored, arrival.envelope.event_type);
    ///     async { Ok(()) }
    /// });
    /// listing.await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A message is no event, or the function fails, and [`ReplayError::Failed`] says which; or the source cannot be read.
    pub async fn each_untyped<F, A>(self, take: F) -> Result<Replayed, ReplayError>
    where
        F: FnMut(Arrival, String) -> A + Send,
        A: Future<Output = Handled> + Send,
    {
        self.run(Output::Sink(Box::new(Untyped { take }))).await
    }
}

struct Untyped<F> {
    take: F,
}

impl<F, A> Sink for Untyped<F>
where
    F: FnMut(Arrival, String) -> A + Send,
    A: Future<Output = Handled> + Send,
{
    fn take<'a>(
        &'a mut self,
        coming: Coming<'a>,
    ) -> Pin<Box<dyn Future<Output = Taken> + Send + 'a>> {
        Box::pin(async move {
            let Coming { bus, arrival, data } = coming;
            let data = match claim::resolve(bus, &arrival.place.source, &data).await {
                Ok(data) => data.into_owned(),
                Err(error) => return Taken::shut(error.into()),
            };
            match caught(|| (self.take)(arrival, data)).await {
                Ok(Ok(())) => Taken::Yes,
                Ok(Err(error)) => {
                    let reason = match error.verdict() {
                        Verdict::Reject => Reason::Rejected,
                        Verdict::Retry | Verdict::RetryAfter(_) => Reason::Failed,
                    };
                    Taken::Failed(reason, error.chain().collect())
                }
                Err(panic) => Taken::Failed(Reason::Panicked, vec![panic]),
            }
        })
    }
}
