//! Words that stand for something.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, Unexpected, VariantAccess as _, Visitor};

use crate::contract::codec::Words;

/// A value that is nothing but a word.
pub(super) struct OneWord(pub(super) &'static Words);

impl<'de> Visitor<'de> for OneWord {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "enum {}", self.0.name)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, word: A) -> Result<usize, A::Error> {
        let (number, nothing) = word.variant_seed(Known(self.0))?;
        nothing.unit_variant()?;
        Ok(number)
    }
}

/// The number of a word.
pub(super) struct Known(pub(super) &'static Words);

impl<'de> DeserializeSeed<'de> for Known {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<usize, D::Error> {
        source.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Known {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("variant identifier")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<usize, E> {
        let number = self.0.words.iter().position(|known| *known == word);
        number.ok_or_else(|| E::unknown_variant(word, self.0.words))
    }

    fn visit_bytes<E: Error>(self, word: &[u8]) -> Result<usize, E> {
        self.visit_str(&String::from_utf8_lossy(word))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<usize, E> {
        let found = usize::try_from(number).ok().filter(|number| *number < self.0.words.len());
        found.ok_or_else(|| {
            let expected = format!("variant index 0 <= i < {}", self.0.words.len());
            E::invalid_value(Unexpected::Unsigned(number), &expected.as_str())
        })
    }
}
