//! Writing to serde's formats.

use serde::ser::SerializeTuple as _;
use serde::ser::{Error, SerializeMap as _, SerializeSeq as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

use super::{Done, Entries, Failed, Fields, Give, List, Value, Words, Writer};

/// Writes a generated type.
///
/// # Errors
/// Those of the format.
pub fn serialize<S: Serializer>(value: &dyn Value, to: S) -> Result<S::Ok, S::Error> {
    let mut writer = ToSerde { sink: Some(to), written: None };
    value.write(&mut writer);
    writer.written.unwrap_or_else(|| Err(S::Error::custom("a value does not know what it is")))
}

/// The word of this number.
pub fn name_of_word(words: &Words, number: usize) -> &'static str {
    words.words.get(number).copied().unwrap_or_default()
}

/// A format of serde as a writer, which keeps what the format says.
struct ToSerde<S: Serializer> {
    sink: Option<S>,
    written: Option<Result<S::Ok, S::Error>>,
}

impl<S: Serializer> Writer for ToSerde<S> {
    fn write(&mut self, give: Give<'_>) {
        if let Some(sink) = self.sink.take() {
            self.written = Some(written(give, sink));
        }
    }
}

/// A value as serde takes it.
struct Part<'v>(&'v dyn Value);

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, sink)
    }
}

fn written<S: Serializer>(give: Give<'_>, sink: S) -> Result<S::Ok, S::Error> {
    match give {
        Give::Null => sink.serialize_unit(),
        Give::Bool(value) => sink.serialize_bool(value),
        Give::Signed(value) => sink.serialize_i64(value),
        Give::Unsigned(value) => sink.serialize_u64(value),
        Give::Float(value) => sink.serialize_f64(value),
        Give::Text(value) => sink.serialize_str(value),
        Give::Uuid(value) => value.serialize(sink),
        Give::Timestamp(value) => value.serialize(sink),
        Give::Date(value) => value.serialize(sink),
        Give::Any(value) => value.serialize(sink),
        Give::Object(value) => value.serialize(sink),
        Give::Option(None) => sink.serialize_none(),
        Give::Option(Some(value)) => sink.serialize_some(&Part(value)),
        Give::List(list) => items(list, sink),
        Give::Tuple(values) => {
            let mut tuple = sink.serialize_tuple(values.len())?;
            for value in values {
                tuple.serialize_element(&Part(*value))?;
            }
            tuple.end()
        }
        Give::Map(entries) => {
            let mut map = sink.serialize_map(Some(entries.length()))?;
            put(entries, &mut map)?;
            map.end()
        }
        Give::Record { fields, values, extra: None } => record(fields, values, sink),
        Give::Record { fields, values, extra: Some(extra) } => open(fields, values, extra, sink),
        Give::Word(words, number) => {
            let word = name_of_word(words, number);
            sink.serialize_unit_variant(words.name, index(number), word)
        }
        Give::Named(words, number, value) => {
            let word = name_of_word(words, number);
            sink.serialize_newtype_variant(words.name, index(number), word, &Part(value))
        }
    }
}

fn items<S: Serializer>(list: &dyn List, sink: S) -> Result<S::Ok, S::Error> {
    let mut items = sink.serialize_seq(Some(list.length()))?;
    for number in 0..list.length() {
        items.serialize_element(&Part(list.item(number)))?;
    }
    items.end()
}

fn put<M: serde::ser::SerializeMap>(entries: &dyn Entries, map: &mut M) -> Result<(), M::Error> {
    let mut error = None;
    let done =
        entries.each(&mut |name, value| keep(&mut error, map.serialize_entry(name, &Part(value))));
    match (done, error) {
        (Err(Failed), Some(error)) => Err(error),
        _ => Ok(()),
    }
}

fn keep<E>(place: &mut Option<E>, result: Result<(), E>) -> Done {
    result.map_err(|error| {
        *place = Some(error);
        Failed
    })
}

/// The fields that are written, and their values.
fn present<'g>(
    fields: &'static Fields,
    values: &'g [&'g dyn Value],
) -> impl Iterator<Item = (&'static str, Option<Part<'g>>)> {
    fields.iter().zip(values).map(|((name, presence), value)| {
        let is_left_out = presence.may_be_left_out() && value.is_left_out();
        (name, (!is_left_out).then_some(Part(*value)))
    })
}

fn record<S: Serializer>(
    fields: &'static Fields,
    values: &[&dyn Value],
    sink: S,
) -> Result<S::Ok, S::Error> {
    let count = present(fields, values).filter(|(_, value)| value.is_some()).count();
    let count = count + usize::from(fields.tag.is_some());
    let mut record = sink.serialize_struct(fields.name, count)?;
    if let Some((property, word)) = fields.tag {
        record.serialize_field(property, word)?;
    }
    for (name, value) in present(fields, values) {
        match value {
            Some(value) => record.serialize_field(name, &value)?,
            None => record.skip_field(name)?,
        }
    }
    record.end()
}

/// With more properties than there are fields.
fn open<S: Serializer>(
    fields: &'static Fields,
    values: &[&dyn Value],
    extra: &dyn Entries,
    sink: S,
) -> Result<S::Ok, S::Error> {
    let mut map = sink.serialize_map(None)?;
    if let Some((property, word)) = fields.tag {
        map.serialize_entry(property, word)?;
    }
    for (name, value) in present(fields, values) {
        if let Some(value) = value {
            map.serialize_entry(name, &value)?;
        }
    }
    put(extra, &mut map)?;
    map.end()
}

/// What formats count with.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
