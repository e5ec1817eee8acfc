//! Alternatives.

use std::fmt;
use std::vec::IntoIter;

use serde::de::value::{SeqAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::record::IntoFields;
use super::words::Known;
use super::{FromSerde, satisfy};
use crate::contract::codec::buffered::{Again, Buffered};
use crate::contract::codec::{Alternatives, Done, Failed, Reader, Want, Words};

fn choose<'de, D: Deserializer<'de>>(
    place: &mut dyn Alternatives,
    number: usize,
    source: D,
) -> Result<(), D::Error> {
    let mut reader = FromSerde::new(source);
    match place.choose(number, &mut reader) {
        Ok(()) => Ok(()),
        Err(Failed) => Err(reader.error()),
    }
}

/// An object of one property, whose name tells which.
pub(super) struct ByName<'p> {
    pub(super) words: &'static Words,
    pub(super) place: &'p mut dyn Alternatives,
}

impl<'de> Visitor<'de> for ByName<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "enum {}", self.words.name)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, name: A) -> Result<(), A::Error> {
        let (number, content) = name.variant_seed(Known(self.words))?;
        content.newtype_variant_seed(Chosen { number, place: self.place })
    }
}

struct Chosen<'p> {
    number: usize,
    place: &'p mut dyn Alternatives,
}

impl<'de> DeserializeSeed<'de> for Chosen<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        choose(self.place, self.number, source)
    }
}

/// An object that tells which it is in one of its properties: what comes before that is kept until it is known.
pub(super) struct ByTag<'p> {
    pub(super) property: &'static str,
    /// Whether the property is part of the alternative as well.
    pub(super) keeps: bool,
    pub(super) words: &'static Words,
    pub(super) place: &'p mut dyn Alternatives,
}

impl<'de> Visitor<'de> for ByTag<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.property)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { property, keeps, words, place } = self;
        let mut ahead = Vec::new();
        let number = loop {
            let name: String = map.next_key()?.ok_or_else(|| A::Error::missing_field(property))?;
            if name != property {
                ahead.push((name, map.next_value()?));
                continue;
            }
            let number = map.next_value_seed(Known(words))?;
            if keeps {
                ahead.push((name, Buffered::Text(words.words[number].to_owned())));
            }
            break number;
        };
        let rest = Rest { ahead: ahead.into_iter(), value: None, map };
        let mut reader = FromRest { rest: Some(rest), error: None };
        place.choose(number, &mut reader).map_err(|Failed| reader.error())
    }

    /// The word, and the fields in their order, as serde's derives take them as well.
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if self.keeps {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let number = items.next_element_seed(Known(self.words))?;
        let number = number.ok_or_else(|| A::Error::missing_field(self.property))?;
        choose(self.place, number, SeqAccessDeserializer::new(items))
    }
}

/// What was kept of an object, and the rest of it.
struct Rest<A> {
    ahead: IntoIter<(String, Buffered)>,
    /// Of the name that was asked for last.
    value: Option<Buffered>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<A> {
    type Error = A::Error;

    fn next_key_seed<K>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error>
    where
        K: DeserializeSeed<'de>,
    {
        let Some((name, value)) = self.ahead.next() else { return self.map.next_key_seed(seed) };
        self.value = Some(value);
        seed.deserialize(StringDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V>(&mut self, seed: V) -> Result<V::Value, A::Error>
    where
        V: DeserializeSeed<'de>,
    {
        match self.value.take() {
            Some(value) => seed.deserialize(Again::new(&value)),
            None => self.map.next_value_seed(seed),
        }
    }
}

/// An object of which a part was read, as a reader. It is a type of its own because alternatives may have alternatives, and
/// there would be no end to formats around formats.
struct FromRest<'de, A: MapAccess<'de>> {
    rest: Option<Rest<A>>,
    error: Option<A::Error>,
}

impl<'de, A: MapAccess<'de>> FromRest<'de, A> {
    fn error(self) -> A::Error {
        self.error.unwrap_or_else(|| A::Error::custom("a value does not know what it is"))
    }
}

impl<'de, A: MapAccess<'de>> Reader for FromRest<'de, A> {
    fn read(&mut self, want: Want<'_>) -> Done {
        let rest = self.rest.take().ok_or(Failed)?;
        let read = match want {
            Want::Record { fields, places, extra, seen } => {
                IntoFields { fields, places, extra, seen }.visit_map(rest)
            }
            other => Buffered::of_map(rest)
                .and_then(|object| satisfy(other, Again::<A::Error>::new(&object))),
        };
        read.map_err(|error| {
            self.error = Some(error);
            Failed
        })
    }
}

/// The first alternative that fits.
pub(super) fn by_look<'de, D: Deserializer<'de>>(
    count: usize,
    words: &'static Words,
    place: &mut dyn Alternatives,
    source: D,
) -> Result<(), D::Error> {
    let value = Buffered::deserialize(source)?;
    let fits = |number| choose(&mut *place, number, Again::<D::Error>::new(&value)).is_ok();
    if (0..count).any(fits) {
        return Ok(());
    }
    let name = words.name;
    Err(D::Error::custom(format_args!("data did not match any variant of untagged enum {name}")))
}
