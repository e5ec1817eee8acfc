use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::batch::Batch;
use super::observed::Observed;
use super::pipeline::{Hears, Place};
use super::{Outcome, PublishError, guard, pipeline};
use crate::broker::Soon;
use crate::operations::traces::Span;
use crate::{BrokerError, Tidings};

/// The stream's word that an event is in it.
///
/// ```
/// use event_catalog::user_profile;
/// use tidings::Outcome;
/// use tidings::testing::example;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// # let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// let published = publisher.user_created(example()).await?;
/// match published.outcome() {
///     Outcome::Duplicate => println!("{} was there already", published.id),
///     _ => println!("{} is number {:?} of {}", published.id, published.sequence, published.stream),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// The event's id.
    pub id: String,
    /// The stream.
    pub stream: &'static str,
    /// Its place in the stream, where the broker tells: not for a duplicate.
    pub sequence: Option<u64>,
    /// An event with this id had been stored before, so this copy was dropped.
    pub duplicate: bool,
}

impl Published {
    /// What became of the event: [`Stored`](Outcome::Stored) or [`Duplicate`](Outcome::Duplicate).
    pub fn outcome(&self) -> Outcome {
        if self.duplicate { Outcome::Duplicate } else { Outcome::Stored }
    }
}

/// An event on its way. Await it for the stream's word; dropping it changes nothing for the event.
///
/// ```
/// # use event_catalog::user_profile;
/// # use tidings::testing::example;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// # let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// let mut receipts = Vec::new();
/// for _ in 0..100 {
///     receipts.push(publisher.user_created(example()).enqueue().await?); // sent, one behind the other
/// }
/// for receipt in receipts {
///     receipt.await?; // and known to be stored
/// }
/// # Ok(())
/// # }
/// ```
///
/// ```
/// # use event_catalog::user_profile;
/// # use tidings::testing::example;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// # let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// let receipt = publisher.user_created(example()).enqueue().await?;
/// println!("{} is on its way", receipt.id()); // known before the stream has it
/// let published = receipt.await?;
/// println!("{}: {}", published.id, published.outcome());
/// # Ok(())
/// # }
/// ```
#[must_use = "await the receipt to know whether the event is stored"]
pub struct Receipt {
    id: String,
    event_type: &'static str,
    begun: Instant,
    word: oneshot::Receiver<Result<Published, PublishError>>,
}

impl Receipt {
    /// Sends what was made of an event, and goes on in the background.
    pub(super) fn of(
        bus: &Tidings,
        sealed: Soon<Result<Batch, PublishError>>,
        observed: Observed,
    ) -> Soon<Result<Self, PublishError>> {
        sealed.then_with(bus, |bus, sealed| match sealed {
            Ok(batch) => Self::begin(bus, batch, observed),
            Err(error) => Soon::now(Err(observed.failed(error))),
        })
    }

    /// Sends, and goes on in the background. Waits while too many events are on their way.
    fn begin(bus: &Tidings, batch: Batch, observed: Observed) -> Soon<Result<Self, PublishError>> {
        let begun = observed.begun();
        let (event_type, id) = (batch.event_type, batch.id().to_owned());
        Place::of(bus, batch.len()).then_with(bus, move |bus, place| {
            let permit = match guard::admit(bus, event_type) {
                Ok(permit) => permit,
                Err(open) => return Soon::now(Err(observed.failed(open))),
            };
            let (tell, word) = oneshot::channel();
            let launched = pipeline::launch(bus, batch, place, permit, Awaited { observed, tell });
            launched.map(move |launched| match launched {
                Ok(()) => Ok(Self { id, event_type, begun, word }),
                Err(unsent) => Err(unsent.hears.observed.failed(unsent.error)),
            })
        })
    }

    /// The event's id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Future for Receipt {
    type Output = Result<Published, PublishError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = std::task::ready!(Pin::new(&mut self.word).poll(cx));
        // Whoever was to tell has ended with his runtime, and by then the event may be stored.
        Poll::Ready(ended.unwrap_or_else(|_| {
            Err(PublishError::Unknown {
                event_type: self.event_type,
                id: self.id.clone(),
                attempts: 1,
                elapsed: self.begun.elapsed(),
                source: BrokerError::Closed,
            })
        }))
    }
}

/// Tells the receipt.
struct Awaited {
    observed: Observed,
    tell: oneshot::Sender<Result<Published, PublishError>>,
}

impl Hears for Awaited {
    fn heard(self, word: Result<Published, PublishError>) {
        self.observed.concluded(&word);
        // The receipt may have been dropped.
        let _ = self.tell.send(word);
    }

    fn span(&self) -> Span {
        self.observed.span()
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_receipt_that_nobody_can_tell_does_not_know() {
        let (_, word) = oneshot::channel();
        let begun = Instant::now();
        let receipt = Receipt { id: "7".to_owned(), event_type: "a.b", begun, word };
        let error = receipt.await.expect_err("no word came");
        assert!(error.is_unknown(), "{error:?}");
    }
}
