//! The CloudEvents 1.0 envelope, written and read in structured and in binary mode.

mod attribute;
mod binary;
mod detach;
mod encoding;
mod plain;
mod read;
mod shared;
mod structured;

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

pub(crate) use attribute::{Attributes, Value};
pub(crate) use detach::detach;
pub(crate) use encoding::compress;
pub use read::EnvelopeError;
pub(crate) use read::{Data, Received, read};

use self::attribute::Take;
use self::shared::Shared;
use crate::Version;
use crate::message::headers::Headers;
use crate::message::text::Text;

/// CloudEvents' version.
const SPEC_VERSION: &str = "1.0";
/// What the payload is written in.
const JSON: &str = "application/json";
/// The media type of a message that is a whole CloudEvent.
const STRUCTURED: &str = "application/cloudevents+json";
/// The header that tells the modes apart.
const CONTENT_TYPE: &str = "Content-Type";
/// All headers that an event in structured mode has of its own.
pub(crate) const STRUCTURED_HEADERS: &[(&str, &str)] = &[(CONTENT_TYPE, STRUCTURED)];

/// Where an event's attributes stand in the message.
///
/// ```
/// use event_catalog::user_profile;
/// use tidings::{ContentMode, Publisher, Tidings};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # let _guard = runtime.enter();
/// let bus = Tidings::embedded();
/// let publisher = Publisher::<user_profile::Service>::new(&bus).content_mode(ContentMode::Binary);
/// # let _ = publisher;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentMode {
    /// Attributes and payload together are the message's JSON body. Faster to publish.
    #[default]
    Structured,
    /// Attributes are `ce-…` headers, the payload is the body. For receivers that filter by header.
    Binary,
}

/// The attributes of an event as it was received.
///
/// | here | CloudEvents |
/// |---|---|
/// | `id`, `source`, `time`, `subject` | the same |
/// | `event_type` | `type` |
/// | `data_schema` | `dataschema` |
/// | `organization_id` | extension `organizationid` |
/// | `correlation_id`, `causation_id` | extensions `correlationid`, `causationid` |
/// | `schema_version` | extension `schemaversion` |
/// | `partition_key` | extension `partitionkey` |
/// | `majors` | extension `majors`, as in `1,2` |
/// | `copy_of` | extension `copyof` |
/// | `aggregate_version` | extension `aggregateversion` |
/// | `encrypted_fields` | extension `encryptedfields`, as in `text:/email absent:/note` |
/// | `trace_parent`, `trace_state` | extensions `traceparent`, `tracestate` |
///
/// ```
/// use event_catalog::user::UserCreated;
/// use event_catalog::user_profile;
/// use tidings::{Handled, event_handler};
///
/// #[event_handler]
/// async fn audit(_: UserCreated, cx: user_profile::Context) -> Handled {
///     let event = cx.envelope();
///     println!("{} {} by {} at {:?}", event.event_type, event.id, event.source, event.time);
///     println!("led to by {:?}, in a chain with {:?}", event.causation_id, event.correlation_id);
///     println!("{:?}", event.extensions.get("region"));
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// Unique within `source`: a repeated id is the same event. Events of this SDK have a UUID of version 7.
    pub id: Text,
    /// Who published it: `/giia/billing`.
    pub source: Text,
    /// What happened: `orders.order.created`.
    pub event_type: Text,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// What it happened to, in the publisher's words: the event's key.
    pub subject: Option<Text>,
    /// Which schema the payload keeps.
    pub data_schema: Option<Text>,
    /// The tenant.
    pub organization_id: Option<Text>,
    /// Shared by all events that one first event led to.
    pub correlation_id: Option<Text>,
    /// The id of the event that led to this one.
    pub causation_id: Option<Text>,
    /// The version of the payload's schema.
    pub schema_version: Option<Version>,
    /// The major versions in which the same fact is published, where these are several.
    pub majors: Vec<u16>,
    /// The id of the event that this is a copy of in another version: both are one fact.
    pub copy_of: Option<Text>,
    /// The places of the payload that are encrypted, and what stands for each once it is erased, or an attribute of this
    /// name that is somebody else's; see [`encryption`](crate::encryption).
    pub encrypted_fields: Option<Text>,
    /// Events with the same key stay in order.
    pub partition_key: Option<Text>,
    /// Which event of its [aggregate](crate::aggregate) it is, counted from 1.
    pub aggregate_version: Option<u64>,
    /// W3C trace context: the span that published it.
    pub trace_parent: Option<Text>,
    /// What tracing systems add to it.
    pub trace_state: Option<Text>,
    /// Every other attribute, by its CloudEvents name.
    pub extensions: BTreeMap<String, String>,
}

impl Envelope {
    /// Sets an attribute by its CloudEvents name.
    fn set(
        &mut self,
        name: &str,
        value: Cow<'_, str>,
        shared: &Shared<'_>,
    ) -> Result<(), EnvelopeError> {
        match name {
            "specversion" if value == SPEC_VERSION => {}
            "specversion" => return Err(EnvelopeError::SpecVersion(value.into_owned())),
            "id" => self.id = shared.text(value),
            "source" => self.source = shared.text(value),
            "type" => self.event_type = shared.text(value),
            "time" => {
                let parsed = value.parse();
                self.time =
                    Some(parsed.map_err(|_| EnvelopeError::attribute("time", value, "RFC 3339"))?);
            }
            "subject" => self.subject = Some(shared.text(value)),
            "dataschema" => self.data_schema = Some(shared.text(value)),
            "organizationid" => self.organization_id = Some(shared.text(value)),
            "correlationid" => self.correlation_id = Some(shared.text(value)),
            "causationid" => self.causation_id = Some(shared.text(value)),
            "schemaversion" => {
                let parsed = value.parse();
                self.schema_version = Some(parsed.map_err(|_| {
                    EnvelopeError::attribute("schemaversion", value, "major.minor, as in 2.0")
                })?);
            }
            "majors" => match parse_majors(&value) {
                Some(majors) => self.majors = majors,
                None => self.extend(name, value),
            },
            "copyof" => self.copy_of = Some(shared.text(value)),
            "encryptedfields" => self.encrypted_fields = Some(shared.text(value)),
            "partitionkey" => self.partition_key = Some(shared.text(value)),
            "aggregateversion" => match value.parse() {
                Ok(version) => self.aggregate_version = Some(version),
                Err(_) => self.extend(name, value),
            },
            "traceparent" => self.trace_parent = Some(shared.text(value)),
            "tracestate" => self.trace_state = Some(shared.text(value)),
            "datacontenttype" => check_content_type(&value)?,
            _ => self.extend(name, value),
        }
        Ok(())
    }

    fn extend(&mut self, name: &str, value: Cow<'_, str>) {
        self.extensions.insert(name.to_owned(), value.into_owned());
    }

    /// Whether all that CloudEvents requires is there.
    fn complete(&self) -> Result<(), EnvelopeError> {
        for (name, value) in
            [("id", &self.id), ("source", &self.source), ("type", &self.event_type)]
        {
            if value.is_empty() {
                return Err(EnvelopeError::Missing(name));
            }
        }
        Ok(())
    }
}

impl Attributes for Envelope {
    fn each<T: Take>(&self, mut take: T) -> Result<(), serde_json::Error> {
        let take = &mut take;
        take("specversion", Value::Text(SPEC_VERSION))?;
        take("id", Value::Text(&self.id))?;
        take("source", Value::Text(&self.source))?;
        take("type", Value::Text(&self.event_type))?;
        if let Some(time) = self.time {
            take("time", Value::Time(time))?;
        }
        take_text(take, "subject", self.subject.as_deref())?;
        take_text(take, "dataschema", self.data_schema.as_deref())?;
        take("datacontenttype", Value::Text(JSON))?;
        take_text(take, "organizationid", self.organization_id.as_deref())?;
        take_text(take, "correlationid", self.correlation_id.as_deref())?;
        take_text(take, "causationid", self.causation_id.as_deref())?;
        if let Some(version) = self.schema_version {
            take("schemaversion", Value::Version(version))?;
        }
        if !self.majors.is_empty() {
            take("majors", Value::Majors(&self.majors))?;
        }
        take_text(take, "copyof", self.copy_of.as_deref())?;
        take_text(take, "encryptedfields", self.encrypted_fields.as_deref())?;
        take_text(take, "partitionkey", self.partition_key.as_deref())?;
        if let Some(version) = self.aggregate_version {
            take("aggregateversion", Value::Number(version))?;
        }
        take_text(take, "traceparent", self.trace_parent.as_deref())?;
        take_text(take, "tracestate", self.trace_state.as_deref())?;
        let mut others = self.extensions.iter();
        others.try_for_each(|(name, value)| take(name, Value::Text(value)))
    }
}

/// `1,2`. Anything else is an attribute of somebody else's.
fn parse_majors(value: &str) -> Option<Vec<u16>> {
    value.split(',').map(|major| major.trim().parse().ok()).collect()
}

/// The payload must be JSON: `application/json`, `text/json`, `…+json`.
fn check_content_type(value: &str) -> Result<(), EnvelopeError> {
    if value == JSON {
        return Ok(());
    }
    let media_type = value.split(';').next().unwrap_or_default().trim();
    let end = media_type.len().saturating_sub("/json".len());
    let is_json =
        |end: &str| end.eq_ignore_ascii_case("/json") || end.eq_ignore_ascii_case("+json");
    if media_type.is_empty() || media_type.get(end..).is_some_and(is_json) {
        Ok(())
    } else {
        Err(EnvelopeError::ContentType(value.to_owned()))
    }
}

/// The attributes of an event about to be published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) id: &'a str,
    pub(crate) source: &'a str,
    pub(crate) event_type: &'a str,
    pub(crate) time: Timestamp,
    pub(crate) data_schema: &'a str,
    pub(crate) schema_version: Version,
    /// Where the fact is published in several.
    pub(crate) majors: &'a [u16],
    /// The id of the event, where this is its copy in another version.
    pub(crate) copy_of: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    /// Which event of its aggregate it is.
    pub(crate) aggregate_version: Option<u64>,
    pub(crate) organization_id: Option<&'a str>,
    pub(crate) correlation_id: &'a str,
    pub(crate) causation_id: Option<&'a str>,
    pub(crate) trace_parent: Option<&'a str>,
    pub(crate) trace_state: Option<&'a str>,
}

impl Attributes for Head<'_> {
    fn each<T: Take>(&self, mut take: T) -> Result<(), serde_json::Error> {
        let take = &mut take;
        take("specversion", Value::Text(SPEC_VERSION))?;
        take("id", Value::Text(self.id))?;
        take("source", Value::Text(self.source))?;
        take("type", Value::Text(self.event_type))?;
        take("time", Value::Time(self.time))?;
        take_text(take, "subject", self.key)?;
        take("dataschema", Value::Text(self.data_schema))?;
        take("datacontenttype", Value::Text(JSON))?;
        take_text(take, "organizationid", self.organization_id)?;
        take("correlationid", Value::Text(self.correlation_id))?;
        take_text(take, "causationid", self.causation_id)?;
        take("schemaversion", Value::Version(self.schema_version))?;
        if !self.majors.is_empty() {
            take("majors", Value::Majors(self.majors))?;
        }
        take_text(take, "copyof", self.copy_of)?;
        take_text(take, "partitionkey", self.key)?;
        if let Some(version) = self.aggregate_version {
            take("aggregateversion", Value::Number(version))?;
        }
        take_text(take, "traceparent", self.trace_parent)?;
        take_text(take, "tracestate", self.trace_state)
    }
}

/// Hands over an attribute that an event may have.
fn take_text(
    take: &mut impl Take,
    name: &str,
    value: Option<&str>,
) -> Result<(), serde_json::Error> {
    value.map_or(Ok(()), |value| take(name, Value::Text(value)))
}

/// Writes an event as headers and body.
pub(crate) fn write<E: serde::Serialize>(
    mode: ContentMode,
    head: &Head<'_>,
    event: &E,
) -> Result<(Headers, Bytes), serde_json::Error> {
    written(mode, head, event)
}

/// Writes an event anew whose attributes were read.
#[cfg(feature = "encryption")]
pub(crate) fn write_again(
    mode: ContentMode,
    envelope: &Envelope,
    payload: &serde_json::Value,
) -> Result<(Headers, Bytes), serde_json::Error> {
    written(mode, envelope, payload)
}

/// The mode in which an event was written.
#[cfg(feature = "encryption")]
pub(crate) fn mode(headers: &Headers) -> ContentMode {
    match headers.get("ce-specversion") {
        Some(_) => ContentMode::Binary,
        None => ContentMode::Structured,
    }
}

fn written<E: serde::Serialize>(
    mode: ContentMode,
    attributes: &impl Attributes,
    event: &E,
) -> Result<(Headers, Bytes), serde_json::Error> {
    match mode {
        ContentMode::Structured => structured::write(attributes, event),
        ContentMode::Binary => binary::write(attributes, event),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn head<'a>() -> Head<'a> {
        Head {
            id: "0190b7a4-5c1e-7cc2-b1a2-3f6a5e0d9c11",
            source: "/giia/orders",
            event_type: "orders.order.created",
            time: "2026-01-15T10:00:00.25Z".parse().expect("a time"),
            data_schema: "urn:giia:orders.order.created:2.0",
            schema_version: Version::new(2, 0),
            majors: &[1, 2],
            copy_of: Some("0190b7a4-5c1e-7cc2-b1a2-3f6a5e0d9c10"),
            key: Some("Grüße \"100 %\""),
            aggregate_version: Some(12),
            organization_id: Some("acme"),
            correlation_id: "c",
            causation_id: None,
            trace_parent: None,
            trace_state: Some("vendor=1"),
        }
    }

    #[test]
    fn what_is_written_in_either_mode_is_read_back() {
        let payload = json!({ "total": 7 });
        for mode in [ContentMode::Structured, ContentMode::Binary] {
            let (headers, body) = write(mode, &head(), &payload).expect("JSON");
            let received = read(&headers, &body, 4096).expect("an event");
            let Data::Here(data) = received.data else { panic!("{mode:?}: it is there") };
            assert_eq!(data, "{\"total\":7}", "{mode:?}");
            let envelope = received.envelope;
            assert_eq!(envelope.id, head().id, "{mode:?}");
            assert_eq!(envelope.time, Some(head().time));
            assert_eq!(envelope.subject.as_deref(), head().key);
            assert_eq!(envelope.partition_key.as_deref(), head().key);
            assert_eq!(envelope.organization_id.as_deref(), Some("acme"));
            assert_eq!(envelope.causation_id, None);
            assert_eq!(envelope.schema_version, Some(Version::new(2, 0)));
            assert_eq!(envelope.majors, [1, 2]);
            assert_eq!(envelope.copy_of.as_deref(), head().copy_of);
            assert_eq!(envelope.aggregate_version, Some(12));
            assert_eq!(envelope.trace_state.as_deref(), head().trace_state);
            assert!(envelope.extensions.is_empty(), "{envelope:?}");
        }
    }

    #[test]
    fn the_structured_body_is_a_cloud_event() {
        let (headers, body) =
            write(ContentMode::Structured, &head(), &json!({ "total": 7 })).expect("JSON");
        assert_eq!(headers.get("content-type"), Some("application/cloudevents+json"));
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            body,
            json!({
                "specversion": "1.0",
                "id": head().id,
                "source": "/giia/orders",
                "type": "orders.order.created",
                "time": "2026-01-15T10:00:00.25Z",
                "subject": "Grüße \"100 %\"",
                "dataschema": "urn:giia:orders.order.created:2.0",
                "datacontenttype": "application/json",
                "organizationid": "acme",
                "correlationid": "c",
                "schemaversion": "2.0",
                "majors": "1,2",
                "copyof": "0190b7a4-5c1e-7cc2-b1a2-3f6a5e0d9c10",
                "partitionkey": "Grüße \"100 %\"",
                "aggregateversion": "12",
                "tracestate": "vendor=1",
                "data": { "total": 7 },
            })
        );
    }
}
