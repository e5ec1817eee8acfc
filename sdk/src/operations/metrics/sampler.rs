//! What only the broker and the breakers know, looked at now and then.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics::{Gauge, gauge};

use super::names;
use crate::bus::WeakTidings;
use crate::catalog::SubscriptionSpec;
use crate::{BreakerState, BrokerError, ConnectionState, Tidings};

/// The services that publish or subscribe through a connection.
#[derive(Debug, Default)]
pub(super) struct Services(Mutex<BTreeMap<&'static str, OfService>>);

/// The gauges of a service.
#[derive(Clone, Debug)]
struct OfService {
    publishing: Gauge,
    connected: Gauge,
}

impl Services {
    /// A service publishes or subscribes: from now on its gauges are set, for as long as the connection has users.
    pub(super) fn attend(&self, bus: &Tidings, service: &'static str) {
        let mut services = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = services.is_empty();
        services.entry(service).or_insert_with(|| OfService::new(service)).look(bus);
        if first && let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(attend(bus.downgrade(), bus.sampling()));
        }
    }

    fn look(&self, bus: &Tidings) {
        let services = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        services.values().for_each(|service| service.look(bus));
    }
}

/// Ends with the last user of the connection, or when that is closed.
async fn attend(bus: WeakTidings, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        let Some(bus) = bus.upgrade() else { return };
        bus.figures().services().look(&bus);
        if bus.connection_state() == ConnectionState::Closed {
            return;
        }
    }
}

impl OfService {
    fn new(service: &'static str) -> Self {
        Self {
            publishing: gauge!(names::PUBLISHER_BREAKER, "service" => service),
            connected: gauge!(names::CONNECTED, "service" => service),
        }
    }

    fn look(&self, bus: &Tidings) {
        self.publishing.set(figure(bus.publish_breaker()));
        let connected = matches!(bus.connection_state(), ConnectionState::Connected(_));
        self.connected.set(f64::from(u8::from(connected)));
    }
}

/// The gauges of a subscription.
struct OfSubscription {
    spec: &'static SubscriptionSpec,
    lag: Gauge,
    in_flight: Gauge,
    dead_letters: Gauge,
    breaker: Gauge,
    /// Whether the user may ask for the dead letters, as far as is known.
    counts: bool,
    /// Whether the last look failed: that is logged once.
    blind: bool,
}

/// Samples subscriptions that run, at once and then after each `pause`, for as long as it is polled.
pub(crate) async fn sample(
    bus: Tidings,
    subscriptions: Vec<&'static SubscriptionSpec>,
    pause: Duration,
) {
    for spec in &subscriptions {
        bus.figures().services().attend(&bus, spec.service);
    }
    let mut all: Vec<OfSubscription> = subscriptions.into_iter().map(OfSubscription::new).collect();
    loop {
        for one in &mut all {
            one.look(&bus).await;
        }
        tokio::time::sleep(pause).await;
    }
}

impl OfSubscription {
    fn new(spec: &'static SubscriptionSpec) -> Self {
        let SubscriptionSpec { service, name: subscription, .. } = *spec;
        let of =
            |name: &'static str| gauge!(name, "service" => service, "subscription" => subscription);
        Self {
            spec,
            lag: of(names::LAG),
            in_flight: of(names::IN_FLIGHT),
            dead_letters: of(names::DEAD_LETTERS),
            breaker: of(names::BREAKER),
            counts: true,
            blind: false,
        }
    }

    async fn look(&mut self, bus: &Tidings) {
        if let Some(state) = bus.breaker(self.spec) {
            self.breaker.set(figure(state));
        }
        let looked = self.ask(bus).await;
        if let Err(error) = &looked
            && !self.blind
        {
            let durable = self.spec.durable;
            tracing::warn!(durable, %error, "how far the subscription is behind cannot be sampled");
        }
        self.blind = looked.is_err();
    }

    async fn ask(&mut self, bus: &Tidings) -> Result<(), BrokerError> {
        let lag = bus.lag(self.spec).await?;
        self.lag.set(lag.pending as f64);
        self.in_flight.set(lag.unsettled as f64);
        if self.counts {
            match bus.dead_letters_held(self.spec).await {
                Ok(held) => self.dead_letters.set(held as f64),
                // The least permissions do not have it; to ask again and again would fill the server's log.
                Err(error @ BrokerError::Denied(_)) => {
                    let durable = self.spec.durable;
                    tracing::info!(durable, %error, "its dead letters are not counted");
                    self.counts = false;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn figure(state: BreakerState) -> f64 {
    match state {
        BreakerState::Closed { .. } => 0.0,
        BreakerState::HalfOpen => 1.0,
        BreakerState::Open { .. } => 2.0,
    }
}
