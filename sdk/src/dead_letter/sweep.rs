use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::advisory::Advisory;
use super::restore;
use super::store::{Failure, store};
use crate::broker::{ConsumerSpec, Delivery, StoredMessage};
use crate::catalog::{Catalog, Start, SubscriptionSpec};
use crate::message::headers::Headers;
use crate::message::text::Text;
use crate::{BrokerError, Tidings, message::envelope, resilience::retry, shutdown_signal};

/// The durable consumer that all sweepers of a catalog share.
const DURABLE: &str = "sweeper";
/// Advisories at once, per sweeper.
const AT_ONCE: usize = 16;
/// Longer than storing a dead letter takes at most, and shorter than the shortest duplicate window that the catalog's
/// rules allow: what is swept twice because its sweeper died is stored once.
const ACK_WAIT: Duration = Duration::from_secs(45);
/// Pause before an advisory is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The consumer of a catalog's advisories.
pub(crate) fn consumer(catalog: &Catalog) -> ConsumerSpec {
    ConsumerSpec {
        stream: catalog.advisories.name,
        durable: DURABLE,
        filters: &["$JS.EVENT.ADVISORY.CONSUMER.>"],
        ack_wait: ACK_WAIT,
        max_ack_pending: 1000,
        start: Start::All,
        concurrency: AT_ONCE,
    }
}

/// Makes dead letters of events that the server gave up, and that no subscriber has seen fail.
///
/// Subscribers store a dead letter before they end an event's deliveries. Two things go past them: somebody else
/// terminates a delivery, or somebody has given a subscription's consumer a limit of deliveries, and processes die until
/// it is reached. The server tells of both; [`Tidings::ensure`] has it kept, and a sweeper turns it into dead letters,
/// with the reasons [`Terminated`](crate::Reason::Terminated) and
/// [`MaxDeliveries`](crate::Reason::MaxDeliveries).
///
/// Run one in any process, for as long as it lives, or now and then. Several share the work.
///
/// ```no_run
/// # async fn operate(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// let swept = bus.sweep(&event_catalog::CATALOG).await?; // until the process is told to end
/// println!("{} events were given up by the server", swept.count);
/// # Ok(())
/// # }
/// ```
///
/// On the embedded broker a test brings both about: see [`Faults`](crate::testing::Faults).
///
/// Beside a run, until that has ended:
///
/// ```no_run
/// # async fn example(bus: tidings::Tidings, subscriber: tidings::Subscriber) -> Result<(), Box<dyn std::error::Error>> {
/// let (end, ended) = tokio::sync::oneshot::channel::<()>();
/// let sweeping = tokio::spawn(bus.sweep(&event_catalog::CATALOG).until(ended));
/// bus.run(subscriber).await?;
/// drop(end);
/// sweeping.await??;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is swept before this is awaited"]
pub struct Sweep {
    bus: Tidings,
    catalog: &'static Catalog,
}

/// What a [`Sweep`] came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// Events that became dead letters, or that were found to be some already.
    pub count: u64,
}

impl Sweep {
    pub(crate) fn new(bus: Tidings, catalog: &'static Catalog) -> Self {
        Self { bus, catalog }
    }

    /// Sweeps until `end` is ready, and finishes what it has begun.
    ///
    /// # Errors
    /// The catalog's advisories cannot be read: their consumer does not exist, or not any more, or may not be used.
    pub async fn until(self, end: impl Future) -> Result<Swept, BrokerError> {
        let Self { bus, catalog } = self;
        let mut end = std::pin::pin!(end);
        let consumer = consumer(catalog);
        let mut pull = tokio::select! {
            opened = retry::reaching(|| bus.broker().pull(consumer)) => opened?,
            _ = &mut end => return Ok(Swept::default()),
        };
        let mut swept = Swept::default();
        let mut tasks = JoinSet::new();
        let outcome = loop {
            let free = AT_ONCE - tasks.len();
            tokio::select! {
                biased;
                _ = &mut end => break Ok(()),
                Some(done) = tasks.join_next() => swept.count += u64::from(done.unwrap_or(false)),
                delivery = pull.next(free), if free > 0 => match delivery {
                    Ok(delivery) => _ = tasks.spawn(one(bus.clone(), catalog, *delivery)),
                    Err(error) => break Err(error),
                },
            }
        };
        for delivery in pull.stop().await {
            tasks.spawn(one(bus.clone(), catalog, *delivery));
        }
        while let Some(done) = tasks.join_next().await {
            swept.count += u64::from(done.unwrap_or(false));
        }
        outcome.map(|()| swept)
    }
}

impl IntoFuture for Sweep {
    type Output = Result<Swept, BrokerError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.until(shutdown_signal()))
    }
}

/// Takes an advisory on its way, and settles it: whether it led to a dead letter.
async fn one(bus: Tidings, catalog: &'static Catalog, delivery: Delivery) -> bool {
    let buried = match serde_json::from_slice::<Advisory>(&delivery.message.payload) {
        Ok(advisory) => bury(&bus, catalog, &advisory).await,
        Err(error) => {
            let sequence = delivery.message.sequence;
            tracing::warn!(sequence, %error, "no advisory of a server; passed over");
            Ok(false)
        }
    };
    let settled = match &buried {
        Ok(_) => delivery.settle.ack().await,
        Err(error) => {
            tracing::error!(%error, "an event that the server gave up is no dead letter yet; trying again");
            delivery.settle.retry(AGAIN).await
        }
    };
    if let Err(error) = settled {
        tracing::warn!(%error, "settlement not confirmed; the advisory may come again");
    }
    buried.unwrap_or(false)
}

/// Stores what an advisory is about, unless it is none of the catalog's business.
async fn bury(
    bus: &Tidings,
    catalog: &'static Catalog,
    advisory: &Advisory,
) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let Some((reason, words)) = advisory.cause() else { return Ok(false) };
    let Advisory { stream: wire, consumer, stream_seq, .. } = advisory;
    // What the server says of its streams has its names of them.
    let own = bus.broker().names().stream_of(wire);
    let stream = own.as_deref().unwrap_or(wire);
    let found = own.as_ref().and_then(|own| whose(catalog, own, consumer));
    let Some((subscription, consumer, redrives)) = found else {
        tracing::debug!(stream, consumer, "an advisory about a consumer of somebody else's");
        return Ok(false);
    };
    let found = bus.broker().next_message(stream, ">", *stream_seq).await?;
    let found = found.filter(|message| message.sequence == *stream_seq);
    // Where it was redriven, nothing tells any more where it was before.
    let gone = found.is_none().then_some(consumer.stream);
    let message = found.unwrap_or_else(|| StoredMessage {
        subject: Text::default(),
        headers: Headers::new(),
        payload: Bytes::new(),
        sequence: *stream_seq,
        time: advisory.timestamp,
    });
    let message = if redrives { restore(message) } else { message };
    let received = envelope::read(&message.headers, &message.payload, bus.largest_payload());
    let envelope = received.as_ref().ok().map(|received| &received.envelope);
    let failure = Failure {
        reason,
        chain: vec![words],
        attempts: advisory.deliveries,
        first: None,
        last: Some(advisory.timestamp),
        gone,
    };
    let redriven = redrives.then_some(*stream_seq);
    store(bus, subscription, &message, redriven, envelope, &failure).await?;
    let (durable, reason) = (subscription.durable, reason.as_str());
    tracing::error!(durable, sequence = stream_seq, reason, ?gone, "dead letter");
    Ok(true)
}

/// The subscription that a consumer belongs to, the consumer, and whether it is the one that reads what is redriven.
fn whose(
    catalog: &'static Catalog,
    stream: &str,
    consumer: &str,
) -> Option<(&'static SubscriptionSpec, ConsumerSpec, bool)> {
    catalog.subscriptions.iter().copied().find_map(|subscription| {
        let live = ConsumerSpec::live(subscription).map(|live| (live, false));
        let redrive = (ConsumerSpec::redrive_of(subscription), true);
        live.chain([redrive])
            .find(|(own, _)| own.stream == stream && own.durable == consumer)
            .map(|(own, redrives)| (subscription, own, redrives))
    })
}
