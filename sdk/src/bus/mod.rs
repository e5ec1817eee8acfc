//! The connection that everything else goes through.

mod lag;
mod publishing;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::broker::{Broker, Carrier, Names, embedded, jetstream};
use crate::catalog::{Catalog, SubscriptionSpec};
use crate::config::{LARGEST_PAYLOAD, SAMPLING};
use crate::consumer::Health;
use crate::messaging::Core;
use crate::operations::health::Pulse;
use crate::operations::metrics::Figures;
use crate::resilience::breaker::{Breaker, BreakerState};
use crate::topology::{EnsureError, Policy};
use crate::{
    BrokerError, Config, ConnectError, ConnectionState, DeadLetters, EncryptionError, Envelope,
    Prefix, Replay, ReplaySource, Run, Subscriber, Sweep, encryption, publisher,
};

pub use lag::Lag;

/// The connection of a process to its broker: what publishers publish through and subscribers run on.
///
/// Cheap to clone; all clones are one connection.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile::{self, welcome_mail};
/// use tidings::{Handled, Subscription as _, Tidings, event_handler, testing};
///
/// #[event_handler]
/// async fn welcome(user: UserCreated) -> Handled {
///     println!("welcome, {}", user.user_id);
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Tidings::embedded(); // or `Tidings::connect(Config::from_env()?).await?`
/// bus.ensure(&event_catalog::CATALOG).await?; // streams and consumers, as the catalog says
///
/// let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// publisher.user_created(testing::example()).await?; // waits for the stream's word
///
/// let subscriber = welcome_mail::Handlers { user_created: welcome }.subscriber();
/// let idle = bus.idle(welcome_mail::Subscription::SPEC);
/// let report = bus.run(subscriber).until(idle).await?; // a service awaits the run: until it is told to end
/// assert_eq!(report.handled, 1);
/// # Ok(())
/// # }
/// ```
///
/// Whatever else is done with a broker begins here as well:
///
/// ```no_run
/// # #![allow(unused)]
/// use event_catalog::CATALOG;
/// use event_catalog::user_profile::welcome_mail;
/// use tidings::aggregate::Aggregate;
/// use tidings::kv::BucketConfig;
/// use tidings::objects::ObjectsConfig;
/// use tidings::{Background, Projection, Subscription as _, Tidings};
///
/// async fn doors<P: Projection, A: Aggregate>(
///     bus: Tidings,
///     projection: P,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let differs = bus.topology(&CATALOG).plan().await?; //               what the server has, and should
///     let report = bus.health(&CATALOG).check().await; //                  whether the process can work
///     let letters = bus.dead_letters(&CATALOG).all().await?; //            what could not be handled
///     let swept = bus.sweep(&CATALOG).await?; //                           what the server has given up
///     let replay = bus.replay(welcome_mail::Subscription::SPEC); //        stored events again
///     let projecting = bus.project(projection); //                         a read model of them
///     let state = bus.history::<A>().load("MUG-BLUE-350").await?; //       an aggregate's state
///     let core = bus.core(); //                                            messages without a stream
///     let rates = bus.ensure_bucket(&BucketConfig::new("rates")).await?; // keys and values
///     let rates = bus.bucket("rates")?; //                                 the same, where it is there
///     let scans = bus.ensure_objects(&ObjectsConfig::new("scans")).await?; // objects of any size
///     let scans = bus.objects("scans")?;
///     let foreign = bus.streams()?.list().await?; //                       streams that no catalog has
///     bus.set_background(Background::default().capacity(1000)); //         what is published without waiting
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Tidings(Arc<Inner>);

struct Inner {
    broker: Broker,
    /// Events that were enqueued and have no word from their stream yet.
    pipeline: publisher::Pipeline,
    groups: publisher::Groups,
    /// Opens when no publish gets an answer any more.
    publishing: Breaker,
    background: publisher::Queue,
    environment: String,
    /// Bytes that a payload may have, once it is decompressed or fetched.
    largest_payload: usize,
    keys: encryption::Ring,
    policy: Policy,
    figures: Figures,
    /// How often figures are sampled.
    sampling: Duration,
    /// How the subscriptions fare that run on it, by durable.
    running: Mutex<HashMap<&'static str, Attended>>,
}

/// A subscription that runs on a connection, or has.
#[derive(Clone)]
pub(crate) struct Attended {
    pub(crate) spec: &'static SubscriptionSpec,
    /// Gone once the run has ended.
    pub(crate) health: Weak<Health>,
    pub(crate) pulse: Arc<Pulse>,
}

/// A connection, for who must not keep it.
#[cfg(feature = "metrics")]
pub(crate) struct WeakTidings(Weak<Inner>);

#[cfg(feature = "metrics")]
impl WeakTidings {
    pub(crate) fn upgrade(&self) -> Option<Tidings> {
        self.0.upgrade().map(Tidings)
    }
}

impl Tidings {
    /// Connects to a NATS server with JetStream. Later losses of the connection are mended without a word.
    ///
    /// ```no_run
    /// use tidings::{Config, Tidings};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Tidings::connect(Config::from_env()?.name("billing")).await?;
    /// println!("{:?}", bus.connection_state());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// No server answers, or it refuses the credentials; with [`Config::lazy`] neither is found out here.
    pub async fn connect(config: Config) -> Result<Self, ConnectError> {
        let carrier = Carrier::JetStream(jetstream::connect(&config).await?);
        let Config {
            environment, largest_payload, topology, sampling, prefix, group_commit, ..
        } = config;
        let broker = Broker::new(carrier, Names::under(prefix));
        let bus = Self::new(broker, environment, largest_payload, topology, sampling);
        bus.set_group_commit(group_commit);
        Ok(bus)
    }

    /// A broker inside this process, for development and tests: the same streams, deliveries, delays and limits, on
    /// tokio's clock, in memory.
    ///
    /// ```
    /// use tidings::Tidings;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Tidings::embedded();
    /// bus.ensure(&event_catalog::CATALOG).await?; // as on a server
    /// # Ok(())
    /// # }
    /// ```
    pub fn embedded() -> Self {
        Self::on(embedded::Embedded::new())
    }

    pub(crate) fn on(broker: embedded::Embedded) -> Self {
        let environment = "embedded".to_owned();
        let broker = Broker::new(Carrier::Embedded(broker), Names::default());
        Self::new(broker, environment, LARGEST_PAYLOAD, Policy::Ensure, SAMPLING)
    }

    /// The same connection with its names under another prefix: see [`Config::prefix`]. What one of the two publishes, handles and
    /// keeps is nothing to the other. Keys and what was set about publishing in the background are each one's own; closing one
    /// closes the connection of both, and their figures are one process's.
    ///
    /// For what looks after several environments, and for tests of two on one embedded broker.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use tidings::Tidings;
    ///
    /// let bus = Tidings::embedded();
    /// let staging = bus.under("staging".parse()?);
    /// staging.ensure(&event_catalog::CATALOG).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn under(&self, prefix: Prefix) -> Self {
        let Inner { broker, environment, largest_payload, policy, sampling, .. } = &*self.0;
        let broker = broker.under(Names::under(Some(prefix)));
        let bus = Self::new(broker, environment.clone(), *largest_payload, *policy, *sampling);
        bus.set_group_commit(self.groups().are_on());
        bus
    }

    /// What a stream of the catalog is called on the server: otherwise under a [prefix](Config::prefix). For tools that speak to
    /// the server themselves.
    ///
    /// ```
    /// use tidings::Tidings;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let staging = Tidings::embedded().under("staging".parse()?);
    /// assert_eq!(staging.stream_name("ORDERS_EVENTS"), "STAGING_ORDERS_EVENTS");
    /// assert_eq!(staging.prefix().map(|prefix| prefix.as_str()), Some("staging"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream_name<'n>(&self, stream: &'n str) -> Cow<'n, str> {
        self.broker().names().stream(stream)
    }

    /// What stands before the names of everything on the server, if anything: see [`Config::prefix`].
    pub fn prefix(&self) -> Option<&Prefix> {
        self.broker().names().prefix()
    }

    fn new(
        broker: Broker,
        environment: String,
        largest_payload: usize,
        policy: Policy,
        sampling: Duration,
    ) -> Self {
        let pipeline = publisher::Pipeline::new();
        let publishing = Breaker::new(publisher::BREAKER);
        let running = Mutex::default();
        let background = publisher::Queue::new();
        let keys = encryption::Ring::default();
        Self(Arc::new(Inner {
            broker,
            pipeline,
            groups: publisher::Groups::default(),
            publishing,
            background,
            environment,
            largest_payload,
            keys,
            policy,
            figures: Default::default(),
            sampling,
            running,
        }))
    }

    /// Creates the catalog's streams and durable consumers, or brings them to what the catalog says. Safe to call
    /// from every instance at every start, those with an older catalog included: it removes no stream, consumer, subject or
    /// filter, and never has a stream keep less. Where the catalog has a lower `max_age`, `max_bytes`, `duplicate_window` or
    /// number of replicas than the broker, a shorter `ack_wait`, or more than one event in flight where there was one, that
    /// setting stays, with a warning in the log: lowering it is an operator's step, by [`topology`](Self::topology) or
    /// `tidings apply`.
    ///
    /// A service that is to verify, or to do nothing, calls [`Topology::prepare`](crate::topology::Topology::prepare).
    ///
    /// # Errors
    /// The broker refuses a stream or consumer, or has one of another make; the error names it.
    pub async fn ensure(&self, catalog: &Catalog) -> Result<(), EnsureError> {
        self.topology(catalog).ensure().await
    }

    /// Runs a subscriber; see [`Run`].
    pub fn run(&self, subscriber: Subscriber) -> Run {
        Run::new(self.clone(), subscriber)
    }

    /// Whether a subscription that runs on this connection has paused because everything fails, and how near it is to
    /// it. None where it does not run here, or the catalog has switched its breaker off.
    ///
    /// ```no_run
    /// use event_catalog::payments::collection;
    /// use tidings::{BreakerState, Subscription as _};
    ///
    /// # fn example(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
    /// match bus.breaker(collection::Subscription::SPEC) {
    ///     Some(BreakerState::Open { .. }) => println!("everything fails, so nothing is fetched for now"),
    ///     Some(state) => println!("{state:?}"),
    ///     None => println!("it does not run here"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn breaker(&self, subscription: &SubscriptionSpec) -> Option<BreakerState> {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(subscription.durable)?.health.upgrade()?.state()
    }

    /// The subscriptions that run here, or have.
    pub(crate) fn attended(&self) -> Vec<Attended> {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.values().cloned().collect()
    }

    /// Makes it known how a subscription fares that is about to run.
    pub(crate) fn attend(
        &self,
        spec: &'static SubscriptionSpec,
        health: &Arc<Health>,
        pulse: &Arc<Pulse>,
    ) {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        let attended = Attended { spec, health: Arc::downgrade(health), pulse: Arc::clone(pulse) };
        running.insert(spec.durable, attended);
    }

    /// What the catalog's subscriptions could not handle.
    pub fn dead_letters(&self, catalog: &Catalog) -> DeadLetters {
        DeadLetters::new(self.clone(), catalog)
    }

    /// Makes dead letters of what the server gave up; see [`Sweep`].
    pub fn sweep(&self, catalog: &'static Catalog) -> Sweep {
        Sweep::new(self.clone(), catalog)
    }

    /// Reads stored events again; see [`Replay`]. The source is a stream, a subscription or an event of the catalog
    /// (`orders::fulfilment::Subscription::SPEC`), or a file.
    pub fn replay(&self, source: impl Into<ReplaySource>) -> Replay {
        Replay::new(self.clone(), source.into())
    }

    /// Core NATS on this connection, for what needs no stream: see [`messaging`](crate::messaging).
    pub fn core(&self) -> Core {
        Core::new(self.clone())
    }

    /// Whether the broker can be reached, as far as is known without asking it.
    pub fn connection_state(&self) -> ConnectionState {
        self.broker().connection_state()
    }

    /// Returns once the broker can be reached, however long that takes.
    ///
    /// ```no_run
    /// use tidings::{Config, ConnectionState, Tidings};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Tidings::connect(Config::from_env()?.lazy()).await?; // returns at once
    /// if !matches!(bus.connection_state(), ConnectionState::Connected(_)) {
    ///     println!("no broker yet: orders are taken all the same, the outbox keeps them");
    /// }
    /// bus.connected().await?; // now there is one
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The connection was closed: by [`close`](Self::close), or because servers go on refusing its credentials.
    pub async fn connected(&self) -> Result<(), BrokerError> {
        loop {
            match self.broker().reach().await {
                Err(error) if error.is_unreachable() => {}
                reached => return reached,
            }
        }
    }

    /// Asks the broker for a sign of life.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bus = tidings::Tidings::embedded();
    /// tokio::time::timeout(Duration::from_secs(2), bus.ping()).await??; // for a probe of one's own
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is none.
    pub async fn ping(&self) -> Result<(), BrokerError> {
        self.broker().ping().await
    }

    /// With which keys the personal data of organizations is encrypted and decrypted from now on, where the catalog says that
    /// it is: see [`encryption`](crate::encryption).
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use tidings::encryption::FileKeys;
    /// use tidings::{Config, Tidings};
    ///
    /// let bus = Tidings::connect(Config::from_env()?).await?;
    /// bus.set_keys(FileKeys::open("/var/lib/shop/keys")?);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "encryption")]
    pub fn set_keys(&self, keys: impl Into<encryption::Keys>) {
        self.0.keys.set(keys.into());
    }

    /// The payload of an event that was received, with plain values in its encrypted fields, or with what stands for those
    /// that are erased. The envelope says no more that it is encrypted. Handlers and replays do it by themselves.
    ///
    /// ```no_run
    /// use tidings::{Arrival, Tidings};
    ///
    /// async fn show(bus: &Tidings, mut arrival: Arrival, payload: &str) -> Result<(), tidings::EncryptionError> {
    ///     let plain = bus.decrypted(&mut arrival.envelope, payload).await?;
    ///     println!("{} {plain}", arrival.envelope.id); // with personal data: for eyes that may see it
    ///     Ok(())
    /// }
    ///
    /// # fn example(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
    /// # let _ = (bus, show);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`EncryptionError`].
    pub async fn decrypted<'d>(
        &self,
        envelope: &mut Envelope,
        data: &'d str,
    ) -> Result<Cow<'d, str>, EncryptionError> {
        let opened = encryption::open(self, envelope, data).await?;
        envelope.encrypted_fields = None;
        Ok(opened.map_or(Cow::Borrowed(data), Cow::Owned))
    }

    pub(crate) fn keys(&self) -> &encryption::Ring {
        &self.0.keys
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn downgrade(&self) -> WeakTidings {
        WeakTidings(Arc::downgrade(&self.0))
    }

    pub(crate) fn figures(&self) -> &Figures {
        &self.0.figures
    }

    /// How often figures are sampled.
    pub(crate) fn sampling(&self) -> Duration {
        self.0.sampling
    }

    pub(crate) fn largest_payload(&self) -> usize {
        self.0.largest_payload
    }

    /// The environment of the catalog whose limits count.
    pub(crate) fn environment(&self) -> &str {
        &self.0.environment
    }

    pub(crate) fn policy(&self) -> Policy {
        self.0.policy
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.0.broker
    }
}

impl fmt::Debug for Tidings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let broker = match self.broker().carrier() {
            Carrier::JetStream(_) => "JetStream",
            Carrier::Embedded(_) => "embedded",
        };
        f.debug_struct("Tidings").field("broker", &broker).finish_non_exhaustive()
    }
}
