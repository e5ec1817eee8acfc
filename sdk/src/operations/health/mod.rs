//! Whether a process can do its work: for whoever decides to send it some, or to start it anew.
//!
//! ```no_run
//! # async fn check(bus: tidings::Tidings) {
//! let health = bus.health(&event_catalog::CATALOG);
//! let report = health.check().await;
//! for problem in report.problems() {
//!     eprintln!("{problem}"); // `ORDERS_EVENTS` does not exist
//! }
//! # }
//! ```
//!
//! The feature `admin` serves it as `/healthz` and `/readyz`.

mod pulse;
mod report;
mod stall;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Turn;
use tokio::time::Instant;

pub(crate) use pulse::Pulse;
pub(crate) use report::word;
pub use report::{Check, HealthReport, HealthStatus, SubscriptionHealth};
use stall::{Look, Stalls};

use crate::bus::Attended;
use crate::catalog::Catalog;
use crate::topology::TopologyError;
use crate::{BreakerState, BrokerError, ConnectionState, Tidings};

/// How long a subscription may stand still before it is unwell.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long all of a check may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// For how long it is believed what was found out about the topology: to look costs the server work, and many ask often.
const TOPOLOGY_STANDS: Duration = Duration::from_secs(15);

/// Looks at what a process needs: the broker, the catalog's streams and consumers, its subscriptions and their breakers.
///
/// Made once and asked again and again, as it remembers what it saw. Clones share that.
///
/// ```
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let health = bus.health(&event_catalog::CATALOG).stalled_after(Duration::from_secs(300)); // made once
/// assert!(health.is_alive()); // for the probe that restarts a process
/// let report = health.check().await; // for the one that sends it no requests
/// for problem in report.problems() {
///     eprintln!("{problem}");
/// }
/// assert!(report.is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Health {
    bus: Tidings,
    catalog: &'static Catalog,
    patience: Duration,
    seen: Arc<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    stalls: Mutex<Stalls>,
    topology: Turn<Option<(Instant, Check)>>,
}

impl Tidings {
    /// Looks at whether this process can do its work; see [`Health`].
    pub fn health(&self, catalog: &'static Catalog) -> Health {
        Health { bus: self.clone(), catalog, patience: PATIENCE, seen: Arc::default() }
    }
}

impl Health {
    /// How long a subscription that runs here may stand still, although events wait for it, before it is unwell. It is
    /// found out by checks that are that far apart at least. Default: a minute.
    #[must_use]
    pub fn stalled_after(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether the process is worth keeping. It is not once its connection is closed for good, by itself or because servers go
    /// on refusing its credentials: nothing but a new start mends that. Asks nobody.
    pub fn is_alive(&self) -> bool {
        self.bus.connection_state() != ConnectionState::Closed
    }

    /// Whether the process can do its work now. Takes five seconds at most.
    pub async fn check(&self) -> HealthReport {
        let broker = self.broker().await;
        let publishing = match self.bus.publish_breaker() {
            BreakerState::Closed { .. } => Check::ok(),
            state => Check::failing(format!(
                "publishing has paused (its breaker is {}): the broker has left several publishes in a row unanswered",
                word(state)
            )),
        };
        let mut attended = self.bus.attended();
        attended.sort_by_key(|one| one.spec.durable);
        let (topology, subscriptions) = if broker.status == HealthStatus::Ok {
            let looked =
                async { tokio::join!(self.topology(), self.subscriptions(&attended, true)) };
            match tokio::time::timeout(DEADLINE, looked).await {
                Ok(looked) => looked,
                Err(_) => {
                    let late = Check::failing(format!("no answer within {DEADLINE:?}"));
                    (late, self.subscriptions(&attended, false).await)
                }
            }
        } else {
            let unknown = Check::unknown("the broker cannot be asked");
            (unknown, self.subscriptions(&attended, false).await)
        };
        let own = [&broker, &topology, &publishing].map(|check| check.status);
        let all = own.into_iter().chain(subscriptions.iter().map(|one| one.status));
        let failing = all.into_iter().any(|status| status == HealthStatus::Failing);
        let status = if failing { HealthStatus::Failing } else { HealthStatus::Ok };
        HealthReport { status, broker, topology, publishing, subscriptions }
    }

    async fn broker(&self) -> Check {
        match self.bus.connection_state() {
            ConnectionState::Closed => Check::failing("the connection is closed"),
            ConnectionState::Disconnected => {
                Check::failing("the connection to the broker is lost, and being looked for")
            }
            ConnectionState::Connected(_) => {
                match tokio::time::timeout(DEADLINE, self.bus.ping()).await {
                    Ok(Ok(())) => Check::ok(),
                    Ok(Err(error)) => Check::failing(error.to_string()),
                    Err(_) => {
                        Check::failing(format!("the broker did not answer within {DEADLINE:?}"))
                    }
                }
            }
        }
    }

    /// Whoever asks meanwhile waits for this answer instead of asking the server too.
    async fn topology(&self) -> Check {
        let mut known = self.seen.topology.lock().await;
        if let Some((at, check)) = &*known
            && at.elapsed() < TOPOLOGY_STANDS
            && check.status != HealthStatus::Failing
        {
            return check.clone();
        }
        let check = match self.bus.topology(self.catalog).lacking().await {
            Ok(lacking) if lacking.is_empty() => Check::ok(),
            Ok(problems) => Check { status: HealthStatus::Failing, problems },
            Err(TopologyError::Broker(error @ BrokerError::Denied(_))) => {
                match self.own_consumers().await {
                    Ok(problems) if !problems.is_empty() => {
                        Check { status: HealthStatus::Failing, problems }
                    }
                    _ => Check::unknown(format!(
                        "whether all streams and consumers are as the catalog says, this user may not ask: {error}"
                    )),
                }
            }
            Err(error) => Check::failing(error.to_string()),
        };
        *known = Some((Instant::now(), check.clone()));
        check
    }

    /// What is wrong with the consumers of the services that run here, which may be asked about with the least permissions.
    async fn own_consumers(&self) -> Result<Vec<String>, TopologyError> {
        let services = self.bus.attended().into_iter().map(|one| one.spec.service);
        self.bus.topology(self.catalog).only_services(services).lacking().await
    }

    async fn subscriptions(&self, attended: &[Attended], ask: bool) -> Vec<SubscriptionHealth> {
        let mut all = Vec::with_capacity(attended.len());
        for one in attended {
            all.push(self.subscription(one, ask).await);
        }
        all
    }

    async fn subscription(&self, attended: &Attended, ask: bool) -> SubscriptionHealth {
        let Attended { spec, health, pulse } = attended;
        let mut found = SubscriptionHealth {
            service: spec.service,
            subscription: spec.name,
            status: HealthStatus::Ok,
            problems: Vec::new(),
            lag: None,
            in_flight: None,
            breaker: None,
        };
        let name = spec.durable;
        let Some(health) = health.upgrade() else {
            return found.failing(format!("`{name}` does not run any more"));
        };
        let state = health.state();
        found.breaker = state.map(word);
        let paused = state.filter(|state| !matches!(state, BreakerState::Closed { .. }));
        if let Some(state) = paused {
            let state = word(state);
            found = found.failing(format!(
                "`{name}` has paused (its breaker is {state}): one event after the other fails"
            ));
        }
        if !ask {
            return found;
        }
        match self.bus.lag_and_most_unsettled(spec).await {
            Ok((lag, most)) => {
                found.lag = Some(lag.pending);
                found.in_flight = Some(lag.unsettled);
                let look = Look { lag, beats: pulse.beats(), most };
                let mut stalls = self.seen.stalls.lock().unwrap_or_else(PoisonError::into_inner);
                let still = stalls.judge(name, look, self.patience);
                if let Some(still) = still.filter(|_| paused.is_none()) {
                    let waiting = lag.pending;
                    found = found.failing(format!(
                        "`{name}` does not move: {waiting} events wait, and nothing has become of any for {still:.0?}"
                    ));
                }
            }
            Err(BrokerError::Denied(_)) => {}
            Err(error) => found = found.failing(format!("`{name}`: {error}")),
        }
        found
    }
}
