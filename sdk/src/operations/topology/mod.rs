//! Streams and consumers on a server, against what a catalog says: compared, planned, applied.
//!
//! ```no_run
//! # async fn deploy(bus: tidings::Tidings) -> Result<(), tidings::topology::TopologyError> {
//! use event_catalog::CATALOG;
//! use tidings::topology::Consent;
//!
//! let topology = bus.topology(&CATALOG);
//! for step in topology.plan().await?.steps() {
//!     println!("{} {}", step.action.as_str(), step.object);
//!     for difference in step.ends {
//!         println!("  {}", difference.text); // max_age is 3d, the catalog says 7d
//!     }
//! }
//! let applied = topology.consent(Consent::new().narrow("ORDERS_EVENTS")).apply().await?;
//! assert!(applied.left.is_clean());
//! # Ok(())
//! # }
//! ```
//!
//! A service that starts calls [`Topology::prepare`], which does what its [`Config`](crate::Config) says; the command has the
//! same as `tidings plan`, `tidings apply` and `tidings drift`.
//!
//! What is made for a catalog bears its name (`tidings.catalog`, in the metadata), so that what the catalog has no more can
//! be told from what is somebody else's. Settings that the catalog says nothing about, and those that this version does not
//! know, stay as they are.

mod actual;
mod apply;
mod compare;
mod copy;
mod desired;
mod difference;
mod error;
mod object;
mod plan;
mod policy;
mod recreate;
mod refusal;
mod settings;
mod streams;
mod words;
mod write;

pub use apply::Applied;
pub use difference::{Class, Difference};
pub use error::{EnsureError, TopologyError};
pub use object::Object;
pub use plan::{Action, Consent, Plan, Step};
pub use policy::{ParsePolicyError, Policy};
pub use refusal::Refusal;
pub use streams::{StreamState, Streams};

use std::collections::BTreeSet;

use actual::Depth;
use desired::Desired;

use crate::broker::jetstream::JetStream;
use crate::broker::{BucketStream, Carrier, embedded};
use crate::catalog::Catalog;
use crate::{BrokerError, Service, Tidings, resilience::retry};

/// A catalog's streams and consumers on a server; see the [module](self).
///
/// Beside [`plan`](Self::plan) and [`apply`](Self::apply), what a service does:
///
/// ```no_run
/// use event_catalog::CATALOG;
/// use tidings::topology::{Consent, TopologyError};
///
/// # async fn example(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// bus.topology(&CATALOG).prepare().await?; // what its `Config` says: one of the following, or nothing
/// bus.topology(&CATALOG).ensure().await?;
/// match bus.topology(&CATALOG).verify().await {
///     Err(TopologyError::Differs(differences)) => {
///         differences.iter().for_each(|one| eprintln!("{}: {}", one.object, one.text));
///     }
///     verified => verified?,
/// }
/// let lower = Consent::new().narrow("ORDERS_EVENTS"); // an operator's word for it
/// bus.topology(&CATALOG).consent(lower).apply().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "it does nothing by itself"]
pub struct Topology<'c> {
    bus: Tidings,
    catalog: &'c Catalog,
    consent: Consent,
    /// The services whose consumers alone are verified, where not all is.
    only: Option<BTreeSet<&'static str>>,
}

impl Tidings {
    /// The catalog's streams and consumers, to be compared with what the server has.
    pub fn topology<'c>(&self, catalog: &'c Catalog) -> Topology<'c> {
        Topology { bus: self.clone(), catalog, consent: Consent::new(), only: None }
    }
}

impl Topology<'_> {
    /// What may be done beyond what is safe.
    pub fn consent(mut self, consent: Consent) -> Self {
        self.consent = consent;
        self
    }

    /// Has [`verify`](Self::verify) look at the consumers of a service and at nothing else: no more than the service may ask about
    /// with the [least permissions](crate::BrokerError::Denied). Several services are said one after the other. What plans,
    /// applies or ensures does it for the whole catalog as ever.
    ///
    /// ```no_run
    /// # async fn start(bus: tidings::Tidings) -> Result<(), tidings::topology::TopologyError> {
    /// use event_catalog::{CATALOG, payments};
    ///
    /// bus.topology(&CATALOG).only::<payments::Service>().prepare().await?; // with TIDINGS_TOPOLOGY=verify
    /// # Ok(())
    /// # }
    /// ```
    pub fn only<S: Service>(self) -> Self {
        self.only_services([S::SPEC.name])
    }

    pub(crate) fn only_services(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.only.get_or_insert_default().extend(names);
        self
    }

    /// How the server differs from the catalog, and what [`apply`](Self::apply) would do about it. Looks at all streams, and
    /// at all consumers of the catalog's.
    ///
    /// # Errors
    /// The server does not answer, may not be asked, or is older than 2.10; or it is the embedded broker.
    pub async fn plan(&self) -> Result<Plan, TopologyError> {
        let server = self.server()?;
        let desired = self.desired(server).await?;
        apply::survey(server, &desired, Depth::Server, &self.consent).await
    }

    /// Brings the server to what the catalog says, as far as that is safe or [consented](Self::consent) to, and looks again
    /// afterwards.
    ///
    /// It may be interrupted and called again, and by several processes at once. What the server refuses keeps nothing else
    /// from being done.
    ///
    /// # Errors
    /// As for [`plan`](Self::plan).
    pub async fn apply(&self) -> Result<Applied, TopologyError> {
        let server = self.server()?;
        let desired = self.desired(server).await?;
        apply::apply(server, &desired, Depth::Server, &self.consent).await
    }

    /// Creates what is missing and changes what is safe to change, as [`Tidings::ensure`] does. Asks for nothing but the
    /// catalog's own streams and consumers.
    ///
    /// # Errors
    /// The broker refuses a stream or consumer, or has one of another make, which it would not change.
    pub async fn ensure(&self) -> Result<(), EnsureError> {
        match self.bus.broker().carrier() {
            Carrier::JetStream(server) => self.ensure_on(server).await,
            Carrier::Embedded(broker) => self.ensure_embedded(broker).await,
        }
    }

    /// Changes nothing, and says where the server does not have what the catalog asks for. That it has more is no matter: a
    /// service with an older catalog may start again during a rollout. Asks for nothing but the catalog's own streams and
    /// consumers; see [`only`](Self::only) for fewer.
    ///
    /// On the embedded broker, where nobody else could have created anything, it is [`ensure`](Self::ensure).
    ///
    /// # Errors
    /// [`TopologyError::Differs`], with each difference; or as for [`plan`](Self::plan).
    pub async fn verify(&self) -> Result<(), TopologyError> {
        if matches!(self.bus.broker().carrier(), Carrier::Embedded(_)) {
            return Ok(self.ensure().await?);
        }
        let lacking = self.differing().await?;
        if lacking.is_empty() { Ok(()) } else { Err(TopologyError::Differs(lacking)) }
    }

    /// Where a server does not have what the catalog asks for.
    async fn differing(&self) -> Result<Vec<Difference>, TopologyError> {
        let server = self.server()?;
        let mut desired = self.desired(server).await?;
        if let Some(services) = &self.only {
            desired.keep_only(self.catalog, services);
        }
        let plan = apply::survey(server, &desired, Depth::Catalog, &Consent::new()).await?;
        let lacking = plan.differences().filter(|one| {
            let is_mark = one.setting.as_deref().is_some_and(|key| key.starts_with("tidings."));
            !is_mark && one.class != Class::Narrowing
        });
        Ok(lacking.cloned().collect())
    }

    /// The same in words, a line each, and on the embedded broker too. Changes nothing there either.
    pub(crate) async fn lacking(&self) -> Result<Vec<String>, TopologyError> {
        if matches!(self.bus.broker().carrier(), Carrier::JetStream(_)) {
            let lacking = self.differing().await?;
            return Ok(lacking.iter().map(|one| format!("{}: {}", one.object, one.text)).collect());
        }
        let broker = self.bus.broker();
        let mut lacking = Vec::new();
        let streams = self.catalog.streams.iter().chain([self.catalog.advisories]);
        for stream in streams.chain(self.catalog.payload_buckets) {
            match broker.stream_state(stream.name).await {
                Err(BrokerError::StreamMissing(_)) => {
                    lacking.push(format!("{}: does not exist", Object::stream(stream.name)));
                }
                found => drop(found?),
            }
        }
        for consumer in desired::consumers(self.catalog) {
            match broker.consumer_state(consumer.stream, consumer.durable).await {
                Err(BrokerError::StreamMissing(_) | BrokerError::ConsumerMissing { .. }) => {
                    let object = Object::consumer(consumer.stream, consumer.durable);
                    lacking.push(format!("{object}: does not exist"));
                }
                found => drop(found?),
            }
        }
        Ok(lacking)
    }

    /// What a service does when it starts: [`ensure`](Self::ensure), [`verify`](Self::verify) or nothing, as
    /// [`Config::topology`](crate::Config::topology) or the variable `TIDINGS_TOPOLOGY` says.
    ///
    /// # Errors
    /// Those of what it does.
    pub async fn prepare(&self) -> Result<(), TopologyError> {
        match self.bus.policy() {
            Policy::Ensure => Ok(self.ensure().await?),
            Policy::Verify => self.verify().await,
            Policy::Off => Ok(()),
        }
    }

    /// What a server has to have depends on what it can do, which is known of one that has answered.
    async fn desired(&self, server: &JetStream) -> Result<Desired, TopologyError> {
        retry::reaching(|| server.reach()).await?;
        if !server.is_at_least(2, 10) {
            return Err(TopologyError::TooOld { server: server.server_version() });
        }
        let names = self.bus.broker().names();
        Ok(Desired::of(self.catalog, self.bus.environment(), names, server))
    }

    fn server(&self) -> Result<&JetStream, TopologyError> {
        match self.bus.broker().carrier() {
            Carrier::JetStream(server) => Ok(server),
            Carrier::Embedded(_) => Err(TopologyError::Embedded),
        }
    }

    async fn ensure_on(&self, server: &JetStream) -> Result<(), EnsureError> {
        let applied = async {
            let desired = self.desired(server).await?;
            apply::apply(server, &desired, Depth::Catalog, &Consent::new()).await
        };
        let Applied { refused, left, .. } = match applied.await {
            Ok(applied) => applied,
            Err(TopologyError::Broker(source)) => {
                return Err(EnsureError::broker(&Object::Server, source));
            }
            Err(other) => return Err(EnsureError::other(&other)),
        };
        if let Some(first) = refused.into_iter().next() {
            return Err(EnsureError::refused(first));
        }
        for difference in left.differences() {
            match difference.class {
                Class::Missing | Class::Recreation => return Err(EnsureError::left(difference)),
                _ => {
                    let (object, text) = (&difference.object, &difference.text);
                    tracing::warn!(%object, "{text}; `tidings plan` says what to do");
                }
            }
        }
        Ok(())
    }

    async fn ensure_embedded(&self, broker: &embedded::Embedded) -> Result<(), EnsureError> {
        let names = self.bus.broker().names();
        for stream in self.catalog.streams.iter().chain([self.catalog.advisories]) {
            let stream = names.stream_spec(stream);
            let limits = stream.limits_in(self.bus.environment());
            let ensured = retry::reaching(|| broker.ensure_stream(&stream, limits)).await;
            let object = || Object::stream(stream.name);
            ensured.map_err(|source| EnsureError::broker(&object(), source))?;
        }
        for bucket in self.catalog.payload_buckets {
            let stream = BucketStream::of_payloads(bucket, self.bus.environment());
            let stream = names.bucket(&stream);
            let ensured = retry::reaching(|| broker.ensure_bucket(&stream)).await;
            let object = || Object::stream(stream.name);
            ensured.map_err(|source| EnsureError::broker(&object(), source))?;
        }
        for consumer in desired::consumers(self.catalog) {
            let consumer = names.consumer(consumer);
            let ensured = retry::reaching(|| broker.ensure_consumer(&consumer)).await;
            let object = || Object::consumer(consumer.stream, consumer.durable);
            ensured.map_err(|source| EnsureError::broker(&object(), source))?;
        }
        Ok(())
    }
}
