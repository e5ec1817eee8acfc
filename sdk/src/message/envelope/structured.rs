//! Structured mode: one JSON object holds attributes and payload.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
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
        serde_json::to_writer(&mut body, &value)?;
        body.push(b',');
    }
    body.extend_from_slice(b"\"data\":");
    serde_json::to_writer(&mut body, event)?;
    body.push(b'}');

    let mut headers = Headers::new();
    headers.push_received(CONTENT_TYPE, STRUCTURED.to_owned());
    Ok((headers, body))
}

pub(super) fn read(body: &str) -> Result<Received<'_>, EnvelopeError> {
    let members: BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_str(body).map_err(|error| EnvelopeError::Json(plain(&error)))?;
    let mut envelope = Envelope::default();
    let (mut data, mut specified) = (None, false);
    for (name, raw) in members {
        match &*name {
            "data" => data = Some(Cow::Borrowed(raw.get())),
            "data_base64" => data = Some(Cow::Owned(decoded(raw)?)),
            name => {
                specified |= name == "specversion";
                if let Some(value) = attribute(name, raw)? {
                    envelope.set(name, value)?;
                }
            }
        }
    }
    if !specified {
        return Err(EnvelopeError::Missing("specversion"));
    }
    Received::new(envelope, data)
}

/// Attributes are strings, numbers or booleans; `null` is the same as absent.
fn attribute(name: &str, raw: &RawValue) -> Result<Option<String>, EnvelopeError> {
    match serde_json::from_str(raw.get()).map_err(|error| EnvelopeError::Json(plain(&error)))? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Bool(value) => Ok(Some(value.to_string())),
        Value::Number(value) => Ok(Some(value.to_string())),
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
