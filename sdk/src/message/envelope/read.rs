use std::borrow::Cow;
use std::fmt;

use super::encoding::{self, CONTENT_ENCODING};
use super::{CONTENT_TYPE, Envelope, STRUCTURED, binary, structured};
use crate::message::claim::Claim;
use crate::message::headers::Headers;

/// An event whose attributes were read and whose payload was not yet.
pub(crate) struct Received<'a> {
    pub(crate) envelope: Envelope,
    pub(crate) data: Data<'a>,
}

/// A payload, as JSON text, or where it is.
pub(crate) enum Data<'a> {
    Here(Cow<'a, str>),
    There(Claim),
}

impl<'a> Received<'a> {
    /// What was read, if it is all there. Without a payload, something must stand for it.
    pub(super) fn new(
        mut envelope: Envelope,
        data: Option<Cow<'a, str>>,
    ) -> Result<Self, EnvelopeError> {
        envelope.complete()?;
        let data = match data {
            Some(data) => Data::Here(data),
            None => match Claim::take(&mut envelope)? {
                Some(claim) => Data::There(claim),
                None => return Err(EnvelopeError::Missing("data")),
            },
        };
        Ok(Self { envelope, data })
    }
}

impl Data<'_> {
    /// The same, apart from the message.
    pub(crate) fn into_owned(self) -> Data<'static> {
        match self {
            Self::Here(text) => Data::Here(Cow::Owned(text.into_owned())),
            Self::There(claim) => Data::There(claim),
        }
    }
}

impl fmt::Debug for Data<'_> {
    /// Without the payload, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(text) => write!(f, "Here({} bytes)", text.len()),
            Self::There(claim) => f.debug_tuple("There").field(claim).finish(),
        }
    }
}

impl fmt::Debug for Received<'_> {
    /// Without the payload, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("envelope", &self.envelope).finish_non_exhaustive()
    }
}

/// Reads a message, compressed or not, with a body of no more than `largest` bytes.
pub(crate) fn read<'a>(
    headers: &Headers,
    body: &'a [u8],
    largest: usize,
) -> Result<Received<'a>, EnvelopeError> {
    let told = Told::by(headers);
    let expanded = match told.is_encoded {
        true => encoding::decompress(headers, body, largest)?,
        false => None,
    };
    let Some(body) = expanded else { return read_plain(headers, &told, body) };
    let Received { envelope, data } = read_plain(headers, &told, &body)?;
    Ok(Received { envelope, data: data.into_owned() })
}

/// What headers say of a message's body.
#[derive(Default)]
struct Told<'h> {
    content_type: Option<&'h str>,
    is_encoded: bool,
    /// Attributes are among them.
    is_binary: bool,
}

impl<'h> Told<'h> {
    fn by(headers: &'h Headers) -> Self {
        let mut told = Self::default();
        headers.iter().for_each(|(name, value)| {
            if name.eq_ignore_ascii_case(CONTENT_TYPE) {
                told.content_type.get_or_insert(value);
            } else if name.eq_ignore_ascii_case(CONTENT_ENCODING) {
                told.is_encoded = true;
            } else if name.eq_ignore_ascii_case(binary::MARK) {
                told.is_binary = true;
            }
        });
        told
    }
}

/// Reads a message in either mode. A message that says nothing about its mode is read as structured.
fn read_plain<'a>(
    headers: &Headers,
    told: &Told<'_>,
    body: &'a [u8],
) -> Result<Received<'a>, EnvelopeError> {
    let body = std::str::from_utf8(body).map_err(|_| EnvelopeError::Encoding)?;
    let content_type = told.content_type.unwrap_or_default();
    if content_type == STRUCTURED {
        return structured::read(body);
    }
    let content_type = content_type.to_ascii_lowercase();
    if content_type.starts_with("application/cloudevents") {
        let json = content_type.starts_with("application/cloudevents+json");
        let plain = content_type.split(';').next() == Some("application/cloudevents");
        if !json && !plain {
            return Err(EnvelopeError::ContentType(content_type));
        }
        structured::read(body)
    } else if told.is_binary {
        binary::read(headers, body)
    } else {
        structured::read(body)
    }
}

/// A message is not an event that can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The message's headers break the protocol.
    #[error("the message cannot be read: {0}")]
    Headers(String),
    /// The body is encoded in a way that is not read.
    #[error("the message is encoded as `{0}`: `zstd` alone is read")]
    ContentEncoding(String),
    /// The body is not the compressed one that it should be.
    #[error("the message cannot be decompressed: {0}")]
    Compressed(#[source] std::io::Error),
    /// The payload is larger than this process takes, once it is decompressed or fetched; see
    /// [`Config::largest_payload`](crate::Config::largest_payload).
    #[error("the payload has more than {limit} bytes")]
    TooLarge {
        /// Bytes that it may have.
        limit: usize,
    },
    /// The body is not UTF-8.
    #[error("the message is not UTF-8")]
    Encoding,
    /// The body is not the JSON that it should be.
    #[error("the message is not a CloudEvent in JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// An attribute that CloudEvents requires.
    #[error("the CloudEvents attribute `{0}` is missing")]
    Missing(&'static str),
    /// The payload is in a place that is not read.
    #[error("the payload is at {0:?}, which is no object of the broker")]
    DataRef(String),
    /// Another version of CloudEvents.
    #[error("CloudEvents {0:?} is not supported, only 1.0")]
    SpecVersion(String),
    /// A payload that is not JSON.
    #[error("the payload is `{0}`, not JSON")]
    ContentType(String),
    /// An attribute that cannot be read.
    #[error("the CloudEvents attribute `{name}` is {value:?}, not {expected}")]
    Attribute {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
}

impl EnvelopeError {
    pub(super) fn attribute(
        name: impl Into<String>,
        value: impl Into<String>,
        expected: &'static str,
    ) -> Self {
        Self::Attribute { name: name.into(), value: value.into(), expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in pairs {
            headers.push_received(*name, (*value).to_owned());
        }
        headers
    }

    #[test]
    fn foreign_events_are_read() {
        let body = br#"{"data":[1],"specversion":"1.0","type":"a.b","source":"s","id":"1","custom":true,"time":null}"#;
        for content_type in
            ["application/cloudevents+json; charset=UTF-8", "Application/CloudEvents+JSON"]
        {
            let received =
                read(&headers(&[("content-type", content_type)]), body, 4096).expect("an event");
            assert!(matches!(&received.data, Data::Here(data) if data == "[1]"));
            assert_eq!(
                received.envelope.extensions.get("custom").map(String::as_str),
                Some("true")
            );
        }
        assert!(
            read(&Headers::new(), body, 4096).is_ok(),
            "a message that says nothing is structured"
        );

        let binary = [
            ("CE-SpecVersion", "1.0"),
            ("ce-id", "1"),
            ("ce-source", "\"with%20space\""),
            ("ce-type", "a.b"),
            ("content-type", "application/json"),
        ];
        let received = read(&headers(&binary), b"[1]", 4096).expect("an event");
        assert_eq!(received.envelope.source, "with space");
    }

    #[test]
    fn what_is_no_event_is_refused_with_the_reason() {
        for (body, words) in [
            ("", "not a CloudEvent"),
            ("[]", "not a CloudEvent"),
            ("{\"id\":\"1\"}", "`specversion` is missing"),
            (r#"{"specversion":"1.0","type":"a","source":"s","data":1}"#, "`id` is missing"),
            (r#"{"specversion":"0.3","type":"a","source":"s","id":"1","data":1}"#, "0.3"),
            (r#"{"specversion":"1.0","type":"a","source":"s","id":"1"}"#, "`data` is missing"),
            (
                r#"{"specversion":"1.0","type":"a","source":"s","id":"1","time":"x","data":1}"#,
                "RFC 3339",
            ),
            (r#"{"specversion":"1.0","type":"a","source":"s","id":{},"data":1}"#, "`id`"),
            (
                r#"{"specversion":"1.0","type":"a","source":"s","id":"1","datacontenttype":"text/xml","data":1}"#,
                "text/xml",
            ),
        ] {
            let error = read(&Headers::new(), body.as_bytes(), 4096).expect_err(body).to_string();
            assert!(error.contains(words), "{body}: {error}");
        }
        assert!(matches!(read(&Headers::new(), b"\xff", 4096), Err(EnvelopeError::Encoding)));
    }
}
