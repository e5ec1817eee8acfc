//! Lists, and what may be `null`.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};

use super::{Into, fill};
use crate::contract::codec::{List, Slot, Value};

pub(super) struct IntoSlot<'p>(pub(super) &'p mut dyn Slot);

impl<'de> Visitor<'de> for IntoSlot<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("option")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.clear();
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.0.clear();
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        fill(self.0.fill(), source)
    }
}

pub(super) struct IntoList<'p>(pub(super) &'p mut dyn List);

impl<'de> Visitor<'de> for IntoList<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(OneMore(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

/// The place is made when there is something to put into it.
struct OneMore<'p>(&'p mut dyn List);

impl<'de> DeserializeSeed<'de> for OneMore<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        fill(self.0.push(), source)
    }
}

pub(super) struct IntoPlaces<'p> {
    pub(super) places: &'p mut [&'p mut dyn Value],
    pub(super) expected: &'static str,
}

impl<'de> Visitor<'de> for IntoPlaces<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.expected, self.places.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for number in 0..self.places.len() {
            if items.next_element_seed(Into(&mut *self.places[number]))?.is_none() {
                return Err(A::Error::invalid_length(number, &self));
            }
        }
        Ok(())
    }
}
