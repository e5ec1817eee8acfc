//! Maps from strings.

use std::fmt;

use serde::de::{MapAccess, Visitor};

use super::Into;
use crate::contract::codec::Entries;

pub(super) struct IntoEntries<'p>(pub(super) &'p mut dyn Entries);

impl<'de> Visitor<'de> for IntoEntries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key()? {
            map.next_value_seed(Into(self.0.entry(name)))?;
        }
        Ok(())
    }
}
