//! Structured mode: one JSON object holds attributes and payload.

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::shared::PAYLOAD;
use super::{
    Attributes, CONTENT_TYPE, Envelope, EnvelopeError, Received, STRUCTURED, Shared, Value, plain,
};
use crate::message::headers::Headers;
use crate::message::personal;

/// What attributes are.
const SCALAR: &str = "a string, number or boolean";
/// Enough for most events. From a kilobyte on, glibc's allocator tidies up before it gives anything.
const CAPACITY: usize = 960;

pub(super) fn write<E: Serialize>(
    attributes: &impl Attributes,
    event: &E,
) -> Result<(Headers, Vec<u8>), serde_json::Error> {
    let mut body = begin(attributes)?;
    serde_json::to_writer(&mut body, event)?;
    body.push(b'}');

    Ok((Headers::fixed(&[(CONTENT_TYPE, STRUCTURED)]), body))
}

/// All that stands before the payload. It is not generic in the event, so its code is there once.
fn begin(attributes: &impl Attributes) -> Result<Vec<u8>, serde_json::Error> {
    let mut body = Vec::with_capacity(CAPACITY);
    body.push(b'{');
    attributes.each(|name, value| {
        body.push(b'"');
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\":");
        match value {
            Value::Text(text) => write_text(&mut body, text)?,
            // Nothing in it is to be escaped.
            plain => write!(body, "\"{plain}\"").map_err(serde_json::Error::io)?,
        }
        body.push(b',');
        Ok(())
    })?;
    body.extend_from_slice(PAYLOAD.as_bytes());
    Ok(body)
}

/// Most attributes have nothing to escape, and to see that is quicker than to look at each character for its escape. It does not stop
/// at the first that has one, so that many are looked at in one step.
fn write_text(body: &mut Vec<u8>, text: &str) -> Result<(), serde_json::Error> {
    let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |any, byte| any | special(byte)) {
        return serde_json::to_writer(body, text);
    }
    body.push(b'"');
    body.extend_from_slice(text.as_bytes());
    body.push(b'"');
    Ok(())
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
