//! An event apart from its payload.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::encoding::{self, CONTENT_ENCODING};
use super::{EnvelopeError, binary};
use crate::message::headers::Headers;

/// An event without its payload, and the payload.
pub(crate) struct Detached {
    headers: Headers,
    /// The attributes, as the beginning of a JSON object; none where they are headers.
    head: Option<Vec<u8>>,
    data: Bytes,
}

/// Takes the payload out of a message as [`write`](super::write) has made it, compressed or not.
pub(crate) fn detach(
    headers: &Headers,
    body: Bytes,
    largest: usize,
) -> Result<Detached, EnvelopeError> {
    let body = encoding::decompress(headers, &body, largest)?.map_or(body, Bytes::from);
    let mut own = Headers::new();
    for (name, value) in headers.iter() {
        if !name.eq_ignore_ascii_case(CONTENT_ENCODING) {
            own.push_received(name.to_owned(), value.to_owned());
        }
    }
    if headers.get(binary::MARK).is_some() {
        return Ok(Detached { headers: own, head: None, data: body });
    }
    let mut members: BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_slice(&body).map_err(EnvelopeError::Json)?;
    let data = members.remove("data").ok_or(EnvelopeError::Missing("data"))?;
    let data = body.slice_ref(data.get().as_bytes());
    let mut head = serde_json::to_vec(&members).map_err(EnvelopeError::Json)?;
    // The attributes that stand for the payload come before the end.
    head.pop();
    Ok(Detached { headers: own, head: Some(head), data })
}

impl Detached {
    /// The payload.
    pub(crate) fn data(&self) -> &Bytes {
        &self.data
    }

    /// The message without it, with attributes that stand for it.
    pub(crate) fn finish(
        self,
        attributes: impl Iterator<Item = (&'static str, String)>,
    ) -> (Headers, Bytes) {
        let Self { mut headers, head, .. } = self;
        let Some(mut head) = head else {
            for (name, value) in attributes {
                headers.push_received(binary::header(name), binary::encoded(&value));
            }
            return (headers, Bytes::new());
        };
        for (name, value) in attributes {
            let value = serde_json::Value::from(value);
            head.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
        }
        head.push(b'}');
        (headers, head.into())
    }
}
