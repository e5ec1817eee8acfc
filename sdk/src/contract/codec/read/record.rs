//! Objects with fields.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Into;
use crate::contract::codec::{Entries, Fields, Presence, Seen, Value};

pub(super) struct IntoFields<'p> {
    pub(super) fields: &'static Fields,
    pub(super) places: &'p mut [&'p mut dyn Value],
    pub(super) extra: Option<&'p mut dyn Entries>,
    pub(super) seen: Option<&'p mut Seen>,
}

impl<'de> Visitor<'de> for IntoFields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        named(self.fields, f)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { fields, places, mut extra, seen } = self;
        let mut own = Seen::default();
        let seen = seen.unwrap_or(&mut own);
        let mut next = 0;
        while let Some(key) =
            map.next_key_seed(OneKey { fields, next, is_kept: extra.is_some() })?
        {
            match (key, &mut extra) {
                (Key::Field(number), _) => {
                    if !seen.insert(number) {
                        return Err(A::Error::duplicate_field(fields.names[number]));
                    }
                    map.next_value_seed(Into(&mut *places[number]))?;
                    next = number + 1;
                }
                (Key::Other(name), Some(extra)) => map.next_value_seed(Into(extra.entry(name)))?,
                (Key::Other(_), None) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let missing = fields
            .iter()
            .enumerate()
            .find(|(number, (_, presence))| *presence == Presence::Required && !seen.has(*number));
        match missing {
            Some((_, (name, _))) => Err(A::Error::missing_field(name)),
            None => Ok(()),
        }
    }

    /// The fields in their order, as serde's derives take them as well.
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { fields, places, extra: None, seen } = self else {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        };
        let mut own = Seen::default();
        let seen = seen.unwrap_or(&mut own);
        for (number, (_, presence)) in fields.iter().enumerate() {
            if items.next_element_seed(Into(&mut *places[number]))?.is_some() {
                seen.insert(number);
            } else if matches!(presence, Presence::Required | Presence::Optional) {
                return Err(A::Error::invalid_length(number, &WithSo(fields)));
            }
        }
        Ok(())
    }
}

/// `struct Order with 3 elements`
struct WithSo(&'static Fields);

impl serde::de::Expected for WithSo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.names.len();
        let plural = if count == 1 { "" } else { "s" };
        named(self.0, f)?;
        write!(f, " with {count} element{plural}")
    }
}

fn named(fields: &Fields, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let kind = if fields.tag.is_some() { "struct variant" } else { "struct" };
    write!(f, "{kind} {}", fields.name)
}

enum Key {
    Field(usize),
    /// Its name, where it is kept.
    Other(String),
}

struct OneKey {
    fields: &'static Fields,
    /// The field that is probably next.
    next: usize,
    is_kept: bool,
}

impl<'de> DeserializeSeed<'de> for OneKey {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Key, D::Error> {
        source.deserialize_identifier(self)
    }
}

impl Visitor<'_> for OneKey {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
        match self.fields.find(name, self.next) {
            Some(number) => Ok(Key::Field(number)),
            None => match self.fields.tag {
                // It has been read already.
                Some((tag, _)) if tag == name => Err(E::duplicate_field(tag)),
                _ if self.is_kept => Ok(Key::Other(name.to_owned())),
                _ => Ok(Key::Other(String::new())),
            },
        }
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Key, E> {
        self.visit_str(&String::from_utf8_lossy(name))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Key, E> {
        let number =
            usize::try_from(number).ok().filter(|number| *number < self.fields.names.len());
        Ok(number.map_or_else(|| Key::Other(String::new()), Key::Field))
    }
}
