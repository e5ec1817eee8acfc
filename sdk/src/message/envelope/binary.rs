//! Binary mode: attributes are `ce-…` headers with percent-encoded values, the payload is the body.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Bytes;
use serde::Serialize;

use super::{
    Attributes, CONTENT_TYPE, Envelope, EnvelopeError, Received, Shared, check_content_type,
};
use crate::message::body;
use crate::message::claim::DATA_REF;
use crate::message::headers::Headers;

/// Every attribute's header begins with it.
const PREFIX: &str = "ce-";
/// The header that every message in binary mode has.
pub(super) const MARK: &str = "ce-specversion";

pub(super) fn write<E: Serialize>(
    attributes: &impl Attributes,
    event: &E,
) -> Result<(Headers, Bytes), serde_json::Error> {
    let body = body::write(|body| serde_json::to_writer(body, event))?;
    Ok((written(attributes)?, body))
}

/// The attributes as headers. It is not generic in the event, so its code is there once.
fn written(attributes: &impl Attributes) -> Result<Headers, serde_json::Error> {
    let mut headers = Headers::new();
    attributes.each(|name, value| {
        headers.push_received(header(name), encoded(&value.to_text()));
        Ok(())
    })?;
    Ok(headers)
}

pub(super) fn read<'a>(headers: &Headers, body: &'a str) -> Result<Received<'a>, EnvelopeError> {
    let mut envelope = Envelope::default();
    for (name, value) in headers.iter() {
        let lower = name.to_ascii_lowercase();
        if let Some(attribute) = lower.strip_prefix(PREFIX) {
            envelope.set(attribute, decoded(attribute, value)?.into(), &Shared::NOTHING)?;
        } else if lower.eq_ignore_ascii_case(CONTENT_TYPE) {
            check_content_type(value)?;
        }
    }
    let is_elsewhere = body.is_empty() && envelope.extensions.contains_key(DATA_REF);
    let data = (!is_elsewhere).then_some(Cow::Borrowed(body));
    Received::new(envelope, data)
}

/// The header of an attribute.
pub(super) fn header(attribute: &str) -> String {
    format!("{PREFIX}{attribute}")
}

/// Everything outside U+0021 to U+007E, the quotation mark and the percent sign are written as `%XX`.
pub(super) fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'"' | b'%' => _ = write!(text, "%{byte:02X}"),
            0x21..=0x7e => text.push(char::from(byte)),
            _ => _ = write!(text, "%{byte:02X}"),
        }
    }
    text
}

/// Undoes [`encoded`], and what other SDKs do: no encoding at all, or quotation marks around the value.
fn decoded(attribute: &str, value: &str) -> Result<String, EnvelopeError> {
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    crate::message::percent::decoded(unquoted.unwrap_or(value))
        .ok_or_else(|| EnvelopeError::attribute(attribute, value, "UTF-8 behind percent-encoding"))
}
