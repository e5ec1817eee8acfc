//! Structured mode: one JSON object holds attributes and payload.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{CONTENT_TYPE, Envelope, EnvelopeError, Received, STRUCTURED};
use crate::message::headers::Headers;
use crate::message::personal::plain;

/// What attributes are.
const SCALAR: &str = "a string, number or boolean";
/// Enough for the attributes of most events, so that the buffer grows for the payload alone.
const HEAD_CAPACITY: usize = 512;

pub(super) fn write<'a, E: Serialize>(
    attributes: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
    event: &E,
) -> Result<(Headers, Vec<u8>), serde_json::Error> {
    let mut body = Vec::with_capacity(2 * HEAD_CAPACITY);
    body.push(b'{');
    for (name, value) in attributes {
        body.push(b'"');
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\":");
        write_text(&mut body, &value)?;
        body.push(b',');
    }
    body.extend_from_slice(b"\"data\":");
    serde_json::to_writer(&mut body, event)?;
    body.push(b'}');

    let mut headers = Headers::new();
    headers.push_received(CONTENT_TYPE, STRUCTURED.to_owned());
    Ok((headers, body))
}

/// Most attributes have nothing to escape, and to see that is quicker than to look at each character for its escape.
fn write_text(body: &mut Vec<u8>, text: &str) -> Result<(), serde_json::Error> {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        return serde_json::to_writer(body, text);
    }
    body.push(b'"');
    body.extend_from_slice(text.as_bytes());
    body.push(b'"');
    Ok(())
}

pub(super) fn read(body: &str) -> Result<Received<'_>, EnvelopeError> {
    let mut members = Members::default();
    let mut json = serde_json::Deserializer::from_str(body);
    let read = json.deserialize_map(&mut members).and_then(|()| json.end());
    if let Some(fault) = members.fault {
        return Err(fault);
    }
    read.map_err(|error| EnvelopeError::Json(plain(&error)))?;
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
#[derive(Default)]
struct Members<'de> {
    envelope: Envelope,
    specified: bool,
    data: Option<&'de RawValue>,
    base64: Option<&'de RawValue>,
    /// What is wrong with it, although it is JSON.
    fault: Option<EnvelopeError>,
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
                    let set = attribute(name, map.next_value()?).and_then(|text| match text {
                        Some(text) => self.envelope.set(name, text),
                        None => Ok(()),
                    });
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
fn attribute<'a>(name: &str, raw: &'a RawValue) -> Result<Option<Cow<'a, str>>, EnvelopeError> {
    // As a rule it is a string with nothing to undo.
    let plain_text = raw.get().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    if let Some(text) = plain_text.filter(|text| !text.contains('\\')) {
        return Ok(Some(Cow::Borrowed(text)));
    }
    match serde_json::from_str(raw.get()).map_err(|error| EnvelopeError::Json(plain(&error)))? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.into())),
        Value::Bool(value) => Ok(Some(value.to_string().into())),
        Value::Number(value) => Ok(Some(value.to_string().into())),
        // What is in it is not told, as it may be a payload in the wrong place.
        Value::Array(_) => Err(EnvelopeError::attribute(name, "a list", SCALAR)),
        Value::Object(_) => Err(EnvelopeError::attribute(name, "an object", SCALAR)),
    }
}

fn decoded(raw: &RawValue) -> Result<String, EnvelopeError> {
    let wrong = || EnvelopeError::attribute("data_base64", "another value", "JSON in base64");
    // Not borrowed: some writers escape the slashes.
    let text: String = serde_json::from_str(raw.get()).map_err(|_| wrong())?;
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| wrong())?;
    String::from_utf8(bytes).map_err(|_| wrong())
}
