//! Structured mode: one JSON object holds attributes and payload.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::shared::PAYLOAD;
use super::{
    Attributes, Envelope, EnvelopeError, Received, STRUCTURED_HEADERS, Shared, Value, plain,
};
use crate::message::headers::Headers;
use crate::message::{body, personal};

/// What attributes are.
const SCALAR: &str = "a string, number or boolean";

pub(super) fn write<E: Serialize>(
    attributes: &impl Attributes,
    event: &E,
) -> Result<(Headers, Bytes), serde_json::Error> {
    let body = body::write(|body| {
        begin(body, attributes)?;
        serde_json::to_writer(&mut *body, event)?;
        body.push(b'}');
        Ok(())
    })?;
    Ok((Headers::fixed(STRUCTURED_HEADERS), body))
}

/// All that stands before the payload. It is not generic in the event, so its code is there once.
fn begin(head: &mut Vec<u8>, attributes: &impl Attributes) -> Result<(), serde_json::Error> {
    head.push(b'{');
    attributes.each(|name, value| {
        head.push(b'"');
        head.extend_from_slice(name.as_bytes());
        match value {
            Value::Text(text) if has_special(text.as_bytes()) => {
                head.extend_from_slice(b"\":");
                serde_json::to_writer(&mut *head, text)?;
                head.push(b',');
            }
            // Nothing in it is to be escaped.
            plain => {
                head.extend_from_slice(b"\":\"");
                plain.push_to(head);
                head.extend_from_slice(b"\",");
            }
        }
        Ok(())
    })?;
    head.extend_from_slice(PAYLOAD.as_bytes());
    Ok(())
}

/// Whether a text has anything that JSON escapes. Few attributes have, and to see that of eight bytes at once is quicker than
/// to look at each for its escape.
fn has_special(text: &[u8]) -> bool {
    match (text.as_chunks(), text.last_chunk()) {
        // What is left over is looked at with some that were looked at.
        ((eights, _), Some(last)) => {
            let found = eights.iter().fold(special(last), |any, eight| any | special(eight));
            found != 0
        }
        (_, None) => text.iter().any(|byte| special(&[*byte; 8]) != 0),
    }
}

/// Not 0 where one of these bytes is a control character, a quotation mark or a backslash.
fn special(eight: &[u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let word = u64::from_ne_bytes(*eight);
    // The highest bit of the lowest byte that is less than this one is set, whatever becomes of those above it.
    let less = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word & HIGHEST;
    let equal = |to: u8| less(word ^ (ONES * u64::from(to)), 1);
    less(word, b' ') | equal(b'"') | equal(b'\\')
}

pub(super) fn read(body: &str) -> Result<Received<'_>, EnvelopeError> {
    let shared = Shared::of(body);
    plain::read(body, &shared).unwrap_or_else(|| read_any(body, shared))
}

/// Reads whatever JSON it is.
pub(super) fn read_any<'a>(
    body: &'a str,
    shared: Shared<'a>,
) -> Result<Received<'a>, EnvelopeError> {
    let mut members = Members::new(shared);
    let mut json = serde_json::Deserializer::from_str(body);
    let read = json.deserialize_map(&mut members).and_then(|()| json.end());
    if let Some(fault) = members.fault {
        return Err(fault);
    }
    read.map_err(|error| EnvelopeError::Json(personal::plain(&error)))?;
    if !members.specified {
        return Err(EnvelopeError::Missing("specversion"));
    }
    let data = match members.base64 {
        Some(raw) => Some(Cow::Owned(decoded(raw)?)),
        None => members.data.map(|raw| Cow::Borrowed(raw.get())),
    };
    Received::new(members.envelope, data)
}

/// What an event's object holds, read in one pass.
struct Members<'de> {
    envelope: Envelope,
    shared: Shared<'de>,
    specified: bool,
    data: Option<&'de RawValue>,
    base64: Option<&'de RawValue>,
    /// What is wrong with it, although it is JSON.
    fault: Option<EnvelopeError>,
}

impl<'de> Members<'de> {
    /// None of it was read yet.
    fn new(shared: Shared<'de>) -> Self {
        Self {
            envelope: Envelope::default(),
            shared,
            specified: false,
            data: None,
            base64: None,
            fault: None,
        }
    }
}

impl<'de> Visitor<'de> for &mut Members<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "data" => self.data = Some(map.next_value()?),
                "data_base64" => self.base64 = Some(map.next_value()?),
                name => {
                    self.specified |= name == "specversion";
                    let set = match map.next_value()? {
                        Attribute::Absent => Ok(()),
                        Attribute::Scalar(text) => self.envelope.set(name, text, &self.shared),
                        // What is in it is not told, as it may be a payload in the wrong place.
                        Attribute::Other(what) => Err(EnvelopeError::attribute(name, what, SCALAR)),
                    };
                    if let Err(fault) = set {
                        self.fault = Some(fault);
                        return Err(A::Error::custom("an attribute that cannot be read"));
                    }
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Attributes are strings, numbers or booleans; `null` is the same as absent.
enum Attribute<'a> {
    Absent,
    Scalar(Cow<'a, str>),
    Other(&'static str),
}

impl<'de> Deserialize<'de> for Attribute<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Attribute<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCALAR)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Attribute<'de>, E> {
        Ok(Attribute::Scalar(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Attribute<'de>, E> {
        Ok(Attribute::Scalar(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Attribute<'de>, E> {
        Ok(Attribute::Scalar(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Attribute<'de>, E> {
        Ok(number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Attribute<'de>, E> {
        Ok(number(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Attribute<'de>, E> {
        Ok(number(value))
    }

    fn visit_unit<E>(self) -> Result<Attribute<'de>, E> {
        Ok(Attribute::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Attribute<'de>, A::Error> {
        while let Some(IgnoredAny) = list.next_element()? {}
        Ok(Attribute::Other("a list"))
    }

    /// A number is one, too, where another crate has asked `serde_json` to keep their digits.
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Attribute<'de>, A::Error> {
        Ok(match serde_json::Value::deserialize(MapAccessDeserializer::new(object))? {
            serde_json::Value::Number(value) => Attribute::Scalar(Cow::Owned(value.to_string())),
            _ => Attribute::Other("an object"),
        })
    }
}

/// As JSON writes it.
fn number(value: impl Into<serde_json::Value>) -> Attribute<'static> {
    Attribute::Scalar(Cow::Owned(value.into().to_string()))
}

fn decoded(raw: &RawValue) -> Result<String, EnvelopeError> {
    let wrong = || EnvelopeError::attribute("data_base64", "another value", "JSON in base64");
    // Not borrowed: some writers escape the slashes.
    let text: String = serde_json::from_str(raw.get()).map_err(|_| wrong())?;
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| wrong())?;
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_json_escapes_is_seen_wherever_it_stands() {
        for length in 0..20 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    for around in [b' ', b'a', 0x7f, 0x80, 0xff] {
                        let mut text = vec![around; length];
                        text[place] = byte;
                        let wanted = byte < b' ' || byte == b'"' || byte == b'\\';
                        assert_eq!(has_special(&text), wanted, "{byte:#x} at {place} of {text:?}");
                    }
                }
            }
        }
        assert!(!has_special(b""));
    }
}
