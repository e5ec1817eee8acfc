//! What only the embedded broker can show: faults on demand, and hours that take no time.

mod aggregates;
mod bulk;
mod chaos;
mod groups;
mod handling;
mod payloads;
mod personal;
mod publishing;
mod sweep;
mod time;

use tidings::testing::{self, Faults};
use tidings::{Lag, Subscription as _, Tidings};

use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::until;

/// The fixture catalog on a broker that can be made to fail.
async fn broker() -> (Tidings, Faults) {
    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    (bus, faults)
}

async fn lag(bus: &Tidings) -> Lag {
    bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer")
}

/// Nothing is left to deliver, and nothing is being handled.
async fn settled(bus: &Tidings) {
    until("everything is settled", async || {
        let lag = lag(bus).await;
        lag.pending == 0 && lag.unsettled == 0
    })
    .await;
}
