use std::fmt;

use super::actual::Actual;
use super::compare::overlaps;
use super::desired::Desired;
use super::recreate::Obstacle;
use super::{Object, words};
use crate::BrokerError;
use crate::broker::jetstream::JetStream;

/// A server did not do what was asked for a stream or consumer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// What it is about.
    pub object: Object,
    /// Why, in the catalog's terms, and what to do.
    pub reason: String,
    /// The server's own words, where it was the server.
    pub source: Option<BrokerError>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.object, self.reason)
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

impl Refusal {
    /// What a server's answer means for the catalog.
    pub(super) async fn of(
        object: &Object,
        obstacle: Obstacle,
        desired: &Desired,
        server: &JetStream,
    ) -> Self {
        let object = object.clone();
        match obstacle {
            Obstacle::NotEmpty { messages } => {
                let reason = format!(
                    "it holds {messages} messages, which would be lost: nats-server 2.12 or newer copies those of streams whose \
                     `retention` is `limits`; else let its subscriptions handle them, purge it, and apply again"
                );
                Self { object, reason, source: None }
            }
            Obstacle::Scheduled { events } => {
                let reason = format!(
                    "it holds {events} events for a later time, which this server does not copy: wait until they are due, or take \
                     them back, and apply again; newer servers do"
                );
                Self { object, reason, source: None }
            }
            Obstacle::Broker(source) => {
                let reason = match &source {
                    BrokerError::Refused { code: 10065, .. } => {
                        overlap(&object, desired, server).await
                    }
                    BrokerError::Refused { code, description } => {
                        explained(*code, description, &object, desired)
                    }
                    other => other.to_string(),
                };
                Self { object, reason, source: Some(source) }
            }
        }
    }
}

/// Which stream overlaps with which.
async fn overlap(object: &Object, desired: &Desired, server: &JetStream) -> String {
    let wanted = object.stream_name().and_then(|name| desired.stream(name));
    let mut actual = Actual::default();
    // Who may create a stream may be allowed to see no other.
    for info in server.all_streams().await.unwrap_or_default() {
        actual.streams.insert(info.name().to_owned(), info);
    }
    let found = wanted.map(|wanted| overlaps(&wanted.name, &wanted.subjects, &actual));
    match found.as_deref() {
        Some([first, ..]) => format!(
            "its subject `{}` overlaps with `{}` of the stream `{}`: no two streams take one subject",
            first.ours, first.theirs, first.stream
        ),
        _ => "one of its subjects belongs to another stream: no two streams take one subject"
            .to_owned(),
    }
}

fn explained(code: u64, description: &str, object: &Object, desired: &Desired) -> String {
    let stream = object.stream_name().and_then(|name| desired.stream(name));
    let setting = |key: &str, unit| {
        let value = stream.and_then(|stream| stream.settings.get(key));
        value.map_or_else(|| "unset".to_owned(), |value| words::value(value, unit))
    };
    let replicas = || setting("num_replicas", words::Unit::None);
    let means = match code {
        10074 => format!(
            "`replicas` is {}, and this server is no cluster: set 1 for this environment in the catalog",
            replicas()
        ),
        10005 => format!("the cluster has no room for {} copies on servers of their own", replicas()),
        10023 | 10028 | 10047 | 10053 | 10122 => format!(
            "the server or account has no room for a stream of up to {} in {}: lower `max_bytes` for this \
             environment in the catalog, or give JetStream more",
            setting("max_bytes", words::Unit::Bytes),
            setting("storage", words::Unit::None)
        ),
        10113 => "the account wants a limit: give the stream `max_bytes` in the catalog".to_owned(),
        10026 => "no more consumers are allowed: raise `max_consumers` of the stream or the account".to_owned(),
        10027 => "the account may have no more streams".to_owned(),
        10039 | 10076 => "JetStream is off for this account".to_owned(),
        10052 if !description.contains("update") => "its settings do not fit together".to_owned(),
        10052 | 10055 => "the server does not change this of a stream that exists: to make it anew takes a consent, and \
                          an empty stream"
            .to_owned(),
        10058 => "another process created it with other settings meanwhile: apply again".to_owned(),
        10012 | 10013 | 10148 => "the server does not change this of a consumer that exists: to make it anew, from where \
                                  it has come to, takes a consent"
            .to_owned(),
        10138 => "two of its filters overlap".to_owned(),
        10093 => "a filter matches none of the stream's subjects".to_owned(),
        10099 | 10100 => "the stream is a work queue, in which each subject has one consumer".to_owned(),
        10069 | 10121 | 10153 => "the stream's `consumer_limits` do not allow it".to_owned(),
        10025 => "the server does not know one of the settings".to_owned(),
        10185 => "the server is too old for one of the settings".to_owned(),
        _ => return format!("{description} (code {code})"),
    };
    format!("{means} ({description}, code {code})")
}
