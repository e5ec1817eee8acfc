use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::intake::Intake;
use super::phase::Phase;
use super::worker::Shared;
use super::{Health, Report, Subscriber};
use crate::broker::ConsumerSpec;
use crate::consumer::signal::Signals;
use crate::handler::{MissingState, States};
use crate::operations::health::Pulse;
use crate::operations::metrics;
use crate::{BrokerError, EncryptionError, Inbox, InboxError, Tidings};

/// How long handlers may take to finish once the run is to end.
const GRACE: Duration = Duration::from_secs(30);

/// How long giving back may take after that.
const ABORTING: Duration = Duration::from_secs(15);

/// Subscribers about to run: add what they need, then `.await`, or run [`until`](Self::until) something happens.
///
/// Awaited as it is, it runs until the process is told to end (SIGINT, SIGTERM); told twice, it ends where it stands. What
/// `main` returns can say by the exit code how it went: a [`Report`] is a failure where it is not clean.
///
/// ```no_run
/// # fn subscriber() -> tidings::Subscriber { unimplemented!() }
/// use tidings::{Config, Report, Tidings};
///
/// #[tokio::main]
/// async fn main() -> Result<Report, Box<dyn std::error::Error>> {
///     let bus = Tidings::connect(Config::from_env()?).await?;
///     let report = bus.run(subscriber()).await?;
///     bus.close().await?;
///     Ok(report)
/// }
/// ```
///
/// Several subscribers, what their handlers share, and an end of one's own:
///
/// ```no_run
/// use std::time::Duration;
///
/// # async fn example(bus: tidings::Tidings, one: tidings::Subscriber, another: tidings::Subscriber, mailer: String) -> Result<(), Box<dyn std::error::Error>> {
/// use tidings::Inbox;
/// use tidings::kv::BucketConfig;
///
/// let handled = bus.ensure_bucket(&BucketConfig::new("handled")).await?;
/// let report = bus
///     .run(one)
///     .and(another)
///     .state(mailer)
///     .inbox(Inbox::kv(handled))
///     .grace(Duration::from_secs(10))
///     .until(tidings::shutdown_signal())
///     .await?;
/// println!("{} handled, {} dead letters", report.handled, report.dead_lettered);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "subscribers run once this is awaited"]
pub struct Run {
    bus: Tidings,
    subscribers: Vec<Subscriber>,
    states: States,
    inbox: Option<Inbox>,
    confirms: bool,
    grace: Duration,
}

impl Run {
    pub(crate) fn new(bus: Tidings, subscriber: Subscriber) -> Self {
        let (subscribers, states) = (vec![subscriber], States::default());
        Self { bus, subscribers, states, inbox: None, confirms: true, grace: GRACE }
    }

    /// Runs another subscriber beside the first.
    pub fn and(mut self, subscriber: Subscriber) -> Self {
        self.subscribers.push(subscriber);
        self
    }

    /// Gives handler functions the value of their [`State<T>`](crate::State); one value of each type.
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.states.insert(value);
        self
    }

    /// Where it is kept which events were handled, for the subscriptions and handlers whose effects happen once: those that the
    /// catalog calls `idempotent`, and those that say so by themselves. Others are handled as ever.
    pub fn inbox(mut self, inbox: Inbox) -> Self {
        inbox.provide(&mut self.states);
        self.inbox = Some(inbox);
        self
    }

    /// Acknowledges what was handled without waiting to hear that the broker knows, which is less work for both.
    ///
    /// No event is lost by it. But an acknowledgement that is lost, as with its connection, is not sent again, so its event is
    /// handled once more after the ack wait, and where order counts, perhaps after the next one of its key.
    ///
    /// ```no_run
    /// # async fn example(bus: tidings::Tidings, subscriber: tidings::Subscriber) -> Result<(), tidings::RunError> {
    /// bus.run(subscriber).unconfirmed().await?; // for handlers that may meet an event twice anyway
    /// # Ok(())
    /// # }
    /// ```
    pub fn unconfirmed(mut self) -> Self {
        self.confirms = false;
        self
    }

    /// How long handlers may take to finish once the run is to end; then their events are given back, which spends one of
    /// their [attempts](crate::Context::attempt). Default: 30 s.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Runs until `end` is ready: then it fetches no more, lets handlers finish within the grace period, settles
    /// every delivery, and returns. Dropping the future instead ends the handlers where they stand.
    ///
    /// # Errors
    /// A subscriber cannot start, or its consumer is gone. The others end as if `end` were ready.
    pub async fn until(self, end: impl Future) -> Result<Report, RunError> {
        self.run(end, std::future::pending::<()>()).await
    }

    /// Runs until `end`, and no longer than until `now`.
    async fn run(self, end: impl Future, now: impl Future) -> Result<Report, RunError> {
        let mut end = std::pin::pin!(end);
        let grace = self.grace;
        let phase = Arc::new(watch::Sender::new(Phase::Running));
        let bus = self.bus.clone();
        let specs = self.subscribers.iter().map(|subscriber| subscriber.spec).collect();
        let opened = tokio::select! {
            opened = self.open(&phase) => opened?,
            _ = &mut end => return Ok(Report::default()),
        };
        let mut intakes = JoinSet::new();
        for (durable, intake) in opened {
            intakes.spawn(async move {
                let (report, end) = intake.run().await;
                (report, end.map_err(|source| RunError::Subscription { durable, source }))
            });
        }

        // Ends with this call.
        let mut sampling = JoinSet::new();
        sampling.spawn(metrics::sample(bus.clone(), specs, bus.sampling()));

        let mut phases = phase.subscribe();
        tokio::select! {
            _ = end => {}
            _ = phases.wait_for(|phase| *phase > Phase::Running) => {}
        }
        phase.send_replace(Phase::Finishing);
        tracing::info!(?grace, "ending: handlers finish what they have begun");
        let mut report = Report::default();
        let mut fault = None;
        let finished = async {
            while let Some(ended) = intakes.join_next().await {
                let fresh = match ended {
                    Ok((part, end)) => {
                        report += part;
                        end.err()
                    }
                    Err(join) => Some(RunError::Task(join)),
                };
                fault = fault.take().or(fresh);
            }
        };
        let late = async {
            tokio::time::sleep(grace).await;
            phase.send_replace(Phase::Aborting);
            tokio::time::sleep(ABORTING).await;
        };
        tokio::select! {
            () = finished => {}
            () = late => return Err(RunError::Stuck { grace }),
            _ = now => return Err(RunError::Interrupted),
        }
        match fault {
            Some(fault) => Err(fault),
            None => Ok(report),
        }
    }

    /// Opens every subscription before the first event is handled.
    async fn open(
        self,
        phase: &Arc<watch::Sender<Phase>>,
    ) -> Result<Vec<(&'static str, Intake)>, RunError> {
        let Self { bus, subscribers, states, inbox, confirms, .. } = self;
        for subscriber in &subscribers {
            let durable = subscriber.spec.durable;
            let checked = subscriber.dispatch.check(&states);
            checked.map_err(|source| RunError::State { durable, source })?;
            if subscriber.dispatch.needs().once {
                let inbox = inbox.as_ref().ok_or(RunError::NoInbox { durable })?;
                inbox.check().await.map_err(|source| RunError::Inbox { durable, source })?;
            }
            let fits = bus.keys().fits(subscriber.dispatch.specs().into_iter());
            fits.map_err(|source| RunError::Keys { durable, source })?;
        }
        let states = Arc::new(states);
        let mut opened = Vec::with_capacity(2 * subscribers.len());
        for subscriber in subscribers {
            let spec = subscriber.spec;
            let is_short = spec.partitions.len() > spec.concurrency;
            let shared = Shared {
                health: Arc::new(Health::of(spec)),
                pulse: Arc::new(Pulse::default()),
                figures: Arc::new(metrics::Consuming::new(
                    spec,
                    subscriber.dispatch.specs().into_iter(),
                )),
                slots: is_short.then(|| Arc::new(Semaphore::new(spec.concurrency.max(1)))),
                states: Arc::clone(&states),
                inbox: inbox.clone(),
                confirms,
                phase: Arc::clone(phase),
            };
            bus.attend(spec, &shared.health, &shared.pulse);
            for consumer in ConsumerSpec::live(spec).chain([ConsumerSpec::redrive_of(spec)]) {
                let durable = consumer.durable;
                let intake = Intake::open(&bus, subscriber.clone(), consumer, &shared).await;
                let intake = intake.map_err(|source| RunError::Subscription { durable, source })?;
                opened.push((durable, intake));
            }
        }
        Ok(opened)
    }
}

impl IntoFuture for Run {
    type Output = Result<Report, RunError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut signals = Signals::listen();
            let (told, mut end) = watch::channel(0_u32);
            let mut now = told.subscribe();
            let listening = async {
                loop {
                    signals.next().await;
                    told.send_modify(|times| *times += 1);
                }
            };
            tokio::select! {
                outcome = self.run(end.wait_for(|times| *times > 0), now.wait_for(|times| *times > 1)) => outcome,
                never = listening => never,
            }
        })
    }
}

/// Subscribers could not be run, or not to the end.
///
/// ```no_run
/// use tidings::RunError;
///
/// # async fn example(bus: tidings::Tidings, subscriber: tidings::Subscriber) -> Result<(), Box<dyn std::error::Error>> {
/// match bus.run(subscriber).await {
///     Err(RunError::Subscription { durable, source }) => eprintln!("`{durable}` has ended: {source}"),
///     Err(RunError::Interrupted) => std::process::exit(130),
///     ended => drop(ended?), // a state, keys or an inbox that is missing: what to add stands in the error
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A handler function takes a state that was not given.
    #[error("the subscription `{durable}` cannot run")]
    State {
        /// The durable consumer.
        durable: &'static str,
        /// The state.
        source: MissingState,
    },
    /// Each event is to be handled once, and nothing is there that would know.
    #[error(
        "the subscription `{durable}` handles each event once, by the catalog or by its handlers: add `.inbox(…)` where it is run, such as `Inbox::kv(bucket)`"
    )]
    NoInbox {
        /// The durable consumer.
        durable: &'static str,
    },
    /// The inbox cannot be used.
    #[error("the subscription `{durable}` cannot run")]
    Inbox {
        /// The durable consumer.
        durable: &'static str,
        /// Why.
        source: InboxError,
    },
    /// It receives events with encrypted fields, and the connection has no keys.
    #[error("the subscription `{durable}` cannot run")]
    Keys {
        /// The durable consumer.
        durable: &'static str,
        /// The event, and what to add.
        source: EncryptionError,
    },
    /// The subscription's consumer cannot be read, or not any more.
    #[error("the subscription `{durable}` has ended")]
    Subscription {
        /// The durable consumer.
        durable: &'static str,
        /// Why.
        source: BrokerError,
    },
    /// Handlers did not end, nor could they be ended: they block their thread, or the broker does not answer.
    #[error(
        "handlers were still at work {grace:?} after the run was to end, and could not be given up"
    )]
    Stuck {
        /// The time that they had.
        grace: Duration,
    },
    /// The process was told to end for a second time. What was under way comes again after the ack wait.
    #[error("told to end twice: ended without waiting for handlers")]
    Interrupted,
    /// A subscription's own task failed, which is a defect of this crate.
    #[error("a subscription's task failed")]
    Task(#[source] tokio::task::JoinError),
}
