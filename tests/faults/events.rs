//! The events of a run: who publishes which, and how handlers take them. All of it follows from the seed, so that
//! publishers, handlers and the model agree without a word.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tidings_tests::catalog::pallets::PalletMoved;
use tidings_tests::catalog::parcels::ParcelSent;

/// Parcels and pallets of one publisher, each a key of its own, whose events follow each other.
pub(crate) const PARCELS: u64 = 16;
/// One of so many is a pallet.
const PALLET: u64 = 4;

/// An event, by what its id is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EventId {
    /// Its key.
    pub(crate) parcel: String,
    pub(crate) step: u64,
}

impl EventId {
    /// Whether it is an event of a pallet, by the number in its name.
    pub(crate) fn is_of_pallet(&self) -> bool {
        let number = self.parcel.rsplit('-').next().and_then(|number| number.parse().ok());
        number.is_some_and(|number: u64| number % PALLET == PALLET - 1)
    }

    pub(crate) fn parcel_sent(&self) -> ParcelSent {
        ParcelSent { parcel_id: self.parcel.clone(), step: self.step }
    }

    pub(crate) fn pallet_moved(&self) -> PalletMoved {
        PalletMoved { pallet_id: self.parcel.clone(), step: self.step }
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.parcel, self.step)
    }
}

impl FromStr for EventId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (parcel, step) = text.split_once(':').ok_or(())?;
        Ok(Self { parcel: parcel.to_owned(), step: step.parse().map_err(drop)? })
    }
}

/// How an event is taken by its handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Temper {
    Good,
    /// Fails the first time.
    Flaky,
    /// Takes longer than the server waits for an acknowledgement.
    Slow,
    /// Fails every time.
    Failing,
    /// Is rejected.
    Rejected,
    /// Panics every time.
    Panicking,
}

impl Temper {
    /// Whether it must end in the dead letters.
    pub(crate) fn is_poison(self) -> bool {
        matches!(self, Self::Failing | Self::Rejected | Self::Panicking)
    }
}

/// Which events are special, and what becomes of an uncertain one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Mix {
    seed: u64,
    /// Of so many events, eight are special.
    period: u64,
}

impl Mix {
    pub(crate) fn new(seed: u64, events: u64) -> Self {
        Self { seed, period: (events / 10).clamp(100, 2000) }
    }

    pub(crate) fn temper(&self, id: &EventId) -> Temper {
        match self.draw("temper", id) % self.period {
            0 => Temper::Failing,
            1 => Temper::Rejected,
            2 => Temper::Panicking,
            3 => Temper::Slow,
            4..8 => Temper::Flaky,
            _ => Temper::Good,
        }
    }

    /// Whether the publisher tries again when it does not know what became of the event. Else it goes on with the next.
    pub(crate) fn insists(&self, id: &EventId) -> bool {
        !self.draw("insists", id).is_multiple_of(3)
    }

    /// FNV-1a: the same in every process and for ever, so that a seed means something.
    fn draw(&self, purpose: &str, id: &EventId) -> u64 {
        let text = format!("{}/{purpose}/{id}", self.seed);
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        fastrand::Rng::with_seed(hash).u64(..)
    }
}
