//! An aggregate whose events are about people: encrypted, compressed, and put aside where they are large.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::aggregate::{Aggregate, Aggregates, Snapshot};
use tidings::encryption::{KeyError, KeyFuture, KeyId, KeyProvider, Keys, MemoryKeys};
use tidings::{EventUnion, Tidings};

use crate::fixture::catalog::janitor;
use crate::fixture::catalog::lockers::{self, LockerOpened, LockerRented};

pub(crate) type Lockers = Aggregates<Locker, janitor::Service>;

#[derive(Clone, Debug, PartialEq, EventUnion)]
pub(crate) enum LockerEvent {
    Rented(Box<LockerRented>),
    Opened(LockerOpened),
}

/// A locker, and whose things are in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Locker {
    pub(crate) renter: Option<String>,
    pub(crate) things: Option<String>,
    pub(crate) opened: u64,
    /// So many events were applied to this value itself.
    #[serde(skip)]
    pub(crate) applied: u64,
}

impl Aggregate for Locker {
    type Kind = lockers::aggregates::Locker;
    type Event = LockerEvent;

    fn apply(&mut self, event: LockerEvent) {
        self.applied += 1;
        match event {
            LockerEvent::Rented(event) => {
                (self.renter, self.things) = (Some(event.renter), event.things);
            }
            LockerEvent::Opened(event) => self.opened += event.times,
        }
    }
}

impl Snapshot for Locker {
    const NAME: &'static str = "locker";
    const VERSION: u32 = 1;
}

pub(crate) const RENTER: &str = "Grace Example";
pub(crate) const THINGS: &str = "an umbrella of the best kind; ";

pub(crate) fn janitor(bus: &Tidings) -> janitor::Publisher {
    janitor::Publisher::new(bus).organization("acme")
}

/// Rented by somebody with so many things that they fill this many bytes.
pub(crate) fn rented(locker: &str, bytes: usize) -> LockerRented {
    let things = THINGS.chars().cycle().take(bytes).collect();
    LockerRented { locker_id: locker.to_owned(), renter: RENTER.to_owned(), things: Some(things) }
}

pub(crate) fn opened(locker: &str) -> LockerOpened {
    LockerOpened { locker_id: locker.to_owned(), times: 1 }
}

/// Keys that can be away.
#[derive(Clone, Default)]
pub(crate) struct Vault {
    pub(crate) keys: MemoryKeys,
    away: Arc<AtomicBool>,
}

impl Vault {
    /// One that is asked about each event.
    pub(crate) fn of(bus: &Tidings) -> Self {
        let vault = Self::default();
        bus.set_keys(Keys::new(vault.clone()).fresh_for(Duration::ZERO));
        vault
    }

    pub(crate) fn leave(&self) {
        self.away.store(true, Ordering::SeqCst);
    }

    pub(crate) fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    fn answers(&self) -> Result<(), KeyError> {
        match self.away.load(Ordering::SeqCst) {
            true => Err(KeyError::new("the vault is closed", std::io::Error::other("a holiday"))),
            false => Ok(()),
        }
    }
}

impl KeyProvider for Vault {
    fn current<'a>(&'a self, organization: &'a str) -> KeyFuture<'a> {
        match self.answers() {
            Ok(()) => self.keys.current(organization),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }

    fn key<'a>(&'a self, organization: &'a str, id: &'a KeyId) -> KeyFuture<'a> {
        match self.answers() {
            Ok(()) => self.keys.key(organization, id),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }
}
