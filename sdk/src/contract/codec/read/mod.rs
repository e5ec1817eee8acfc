//! Reading from serde's formats.

mod list;
mod map;
mod one_of;
mod record;
mod words;

use serde::de::{DeserializeSeed, Error};
use serde::{Deserialize, Deserializer};

use super::{By, Done, Entries, Failed, Fields, Reader, Seen, Value, Want, Words};

/// Reads a generated type.
///
/// # Errors
/// What is there does not fit it.
pub fn deserialize<'de, T: Value, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let mut value = T::blank();
    // Without a `?`, which rustc would compile for each type.
    match fill(&mut value, from) {
        Ok(()) => Ok(value),
        Err(error) => Err(error),
    }
}

/// Reads a value of its own.
///
/// # Errors
/// What is there does not fit it.
pub fn get<T: Value>(from: &mut dyn Reader) -> Result<T, Failed> {
    let mut value = T::blank();
    value.read(from)?;
    Ok(value)
}

/// Reads an object with fields.
///
/// # Errors
/// What is there does not fit.
pub fn record<'w>(
    from: &mut dyn Reader,
    fields: &'static Fields,
    places: &'w mut [&'w mut dyn Value],
    extra: Option<&'w mut dyn Entries>,
) -> Done {
    from.read(Want::Record { fields, places, extra, seen: None })
}

/// Reads an object with fields, and notes which of them were there: the others have defaults.
///
/// # Errors
/// What is there does not fit.
pub fn record_with_defaults<'w>(
    from: &mut dyn Reader,
    fields: &'static Fields,
    places: &'w mut [&'w mut dyn Value],
    extra: Option<&'w mut dyn Entries>,
    seen: &'w mut Seen,
) -> Done {
    from.read(Want::Record { fields, places, extra, seen: Some(seen) })
}

/// Reads a word: its number, which is always one of theirs.
///
/// # Errors
/// It is none of the words.
pub fn word(from: &mut dyn Reader, words: &'static Words, number: &mut usize) -> Done {
    from.read(Want::Word(words, number))
}

/// A format of serde as a reader, which keeps the format's own error.
struct FromSerde<'de, D: Deserializer<'de>> {
    source: Option<D>,
    error: Option<D::Error>,
}

impl<'de, D: Deserializer<'de>> FromSerde<'de, D> {
    fn new(source: D) -> Self {
        Self { source: Some(source), error: None }
    }

    fn error(self) -> D::Error {
        self.error.unwrap_or_else(|| D::Error::custom("a value does not know what it is"))
    }
}

impl<'de, D: Deserializer<'de>> Reader for FromSerde<'de, D> {
    fn read(&mut self, want: Want<'_>) -> Done {
        let source = self.source.take().ok_or(Failed)?;
        satisfy(want, source).map_err(|error| {
            self.error = Some(error);
            Failed
        })
    }
}

fn satisfy<'de, D: Deserializer<'de>>(want: Want<'_>, source: D) -> Result<(), D::Error> {
    match want {
        Want::Null => <()>::deserialize(source)?,
        Want::Bool(place) => *place = bool::deserialize(source)?,
        Want::Signed(place) => *place = i64::deserialize(source)?,
        Want::Unsigned(place) => *place = u64::deserialize(source)?,
        Want::Float(place) => *place = f64::deserialize(source)?,
        Want::Text(place) => *place = String::deserialize(source)?,
        Want::Uuid(place) => *place = Deserialize::deserialize(source)?,
        Want::Timestamp(place) => *place = Deserialize::deserialize(source)?,
        Want::Date(place) => *place = Deserialize::deserialize(source)?,
        Want::Any(place) => *place = Deserialize::deserialize(source)?,
        Want::Object(place) => *place = Deserialize::deserialize(source)?,
        Want::Option(slot) => source.deserialize_option(list::IntoSlot(slot))?,
        Want::List(list) => source.deserialize_seq(list::IntoList(list))?,
        Want::Tuple(places, expected) => {
            source.deserialize_tuple(places.len(), list::IntoPlaces { places, expected })?;
        }
        Want::Map(entries) => source.deserialize_map(map::IntoEntries(entries))?,
        Want::Record { fields, places, extra: None, seen } => {
            let visitor = record::IntoFields { fields, places, extra: None, seen };
            source.deserialize_struct(fields.name, fields.names, visitor)?;
        }
        Want::Record { fields, places, extra, seen } => {
            source.deserialize_map(record::IntoFields { fields, places, extra, seen })?;
        }
        Want::Word(words, place) => {
            *place = source.deserialize_enum(words.name, words.words, words::OneWord(words))?;
        }
        Want::OneOf { by: By::Name, words, place } => {
            source.deserialize_enum(words.name, words.words, one_of::ByName { words, place })?;
        }
        Want::OneOf { by: By::Tag(property), words, place } => {
            source.deserialize_any(one_of::ByTag { property, keeps: false, words, place })?;
        }
        Want::OneOf { by: By::Property(property), words, place } => {
            source.deserialize_any(one_of::ByTag { property, keeps: true, words, place })?;
        }
        Want::OneOf { by: By::Look(count), words, place } => {
            one_of::by_look(count, words, place, source)?;
        }
    }
    Ok(())
}

fn fill<'de, D: Deserializer<'de>>(place: &mut dyn Value, source: D) -> Result<(), D::Error> {
    let mut reader = FromSerde::new(source);
    match place.read(&mut reader) {
        Ok(()) => Ok(()),
        Err(Failed) => Err(reader.error()),
    }
}

/// Reads into a place.
struct Into<'p>(&'p mut dyn Value);

impl<'de> DeserializeSeed<'de> for Into<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        fill(self.0, source)
    }
}
