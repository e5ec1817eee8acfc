use std::time::Duration;

use super::Outcome;
use crate::contract::subject::InvalidToken;
use crate::{BrokerError, EncryptionError, Invalid, UpcastError, Version};

/// An event was not published, or it is not known whether it was.
///
/// ```
/// # use event_catalog::user_profile;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// # let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// # let member = tidings::testing::example();
/// match publisher.user_created(member).id("registration-7").await {
///     Ok(published) => println!("stored, at {:?}", published.sequence),
///     Err(error) if error.is_unknown() => println!("{error}"), // again with this id: it is stored once
///     Err(error) => return Err(error.into()),                  // it is not stored, and the error says why
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`outcome`](Self::outcome) sums it up, for answers and figures:
///
/// ```
/// use tidings::{Outcome, PublishError};
///
/// fn status(error: &PublishError) -> u16 {
///     match error.outcome() {
///         Outcome::Conflict => 409,
///         Outcome::Unknown => 504, // ask again, with the same id
///         _ => 503,
///     }
/// }
/// # let _ = status;
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The catalog wants every event to name its organization. Nothing was sent.
    #[error(
        "`{event_type}` names no organization: use `.organization(…)` on the publisher or the event"
    )]
    NoOrganization {
        /// The event.
        event_type: &'static str,
    },
    /// The event's subject and its envelope would tell different organizations. Nothing was sent.
    #[error(
        "`{event_type}` cannot be published on `{subject}`: {reason}; the publisher's `.organization(…)` and the payload must \
         name the same"
    )]
    OtherOrganization {
        /// The event.
        event_type: &'static str,
        /// Its subject.
        subject: String,
        /// Which organizations they are.
        reason: String,
    },
    /// A value of the event or its envelope cannot stand in a subject. Nothing was sent.
    #[error(transparent)]
    Subject(#[from] InvalidToken),
    /// Not an id. Nothing was sent.
    #[error(
        "{id:?} cannot be an event's id: 1 to 255 bytes without control characters or surrounding white space"
    )]
    Id {
        /// What was given.
        id: String,
    },
    /// The payload breaks constraints of its schema, which say where and how. Nothing was sent, and nothing will be:
    /// publishing the same again gives the same error. A handler whose `?` returns it is tried again like after any other
    /// failure; one that would make the same event again answers with [`Reject`](crate::Reject).
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The payload cannot be written as JSON, or a hand-written type not as the catalog's. Nothing was sent.
    #[error("`{event_type}` cannot be written as the JSON of its schema")]
    Encode {
        /// The event.
        event_type: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The event is larger than any receiver takes that does not [say otherwise](crate::Config::largest_payload). Nothing was
    /// sent.
    #[error("`{event_type}` has {size} bytes, and no more than {limit} may be published")]
    TooLarge {
        /// The event.
        event_type: &'static str,
        /// Its bytes, before it is compressed.
        size: usize,
        /// The bytes that it may have.
        limit: usize,
    },
    /// The catalog has the event published in an older version too, and that cannot be made of it. Nothing was sent.
    #[error("`{event_type}` cannot be published in version {version} as well: {reason}")]
    Downcast {
        /// The event.
        event_type: &'static str,
        /// The older version.
        version: Version,
        /// Why not.
        reason: UpcastError,
    },
    /// Its personal data cannot be encrypted. Nothing was sent.
    #[error("the personal data of `{event_type}` cannot be encrypted")]
    Encryption {
        /// The event.
        event_type: &'static str,
        /// Why not.
        source: EncryptionError,
    },
    /// A handler published through its context while events are replayed to it: what follows from them was published when
    /// they were new. Nothing was sent. Ask [`Context::is_replay`](crate::Context::is_replay) first.
    #[error("`{event_type}` follows from an event that is replayed: it is not published again")]
    InReplay {
        /// The event.
        event_type: &'static str,
    },
    /// The broker said no, or could not be reached at all. Nothing is stored.
    #[error("`{event_type}` was not stored")]
    Rejected {
        /// The event.
        event_type: &'static str,
        /// The broker's word, or why there was none.
        source: BrokerError,
    },
    /// Several publishes in a row got no answer, so this one was not sent: the
    /// [breaker](crate::Tidings::publish_breaker) is open. Publish again later.
    #[error(
        "`{event_type}` was not sent: the broker has left several publishes in a row unanswered; {}",
        when(*probe_in)
    )]
    CircuitOpen {
        /// The event.
        event_type: &'static str,
        /// Until a publish may try whether the broker is back; none while one does.
        probe_in: Option<Duration>,
    },
    /// As many events as may wait to be published in the background do. This one was not taken in; see
    /// [`Background`](crate::Background).
    #[error("`{event_type}` was not taken in: {capacity} events wait to be published already")]
    QueueFull {
        /// The event.
        event_type: &'static str,
        /// How many may wait.
        capacity: usize,
    },
    /// The event cannot be published at the time that was asked for. Nothing was sent.
    #[error("`{event_type}` cannot be published at a later time: {reason}")]
    Unschedulable {
        /// The event.
        event_type: &'static str,
        /// Why not.
        reason: String,
    },
    /// Only events of one stream can be stored all or not at all. Nothing was sent.
    #[error(
        "`{event_type}` of stream `{stream}` and `{other}` of stream `{other_stream}` cannot be stored all or not at all: \
         only events of one stream can"
    )]
    SeveralStreams {
        /// The first event.
        event_type: &'static str,
        /// Its stream.
        stream: &'static str,
        /// An event of another.
        other: &'static str,
        /// The other stream.
        other_stream: &'static str,
    },
    /// Too many events to be stored all or not at all. Nothing was sent.
    #[error(
        "{count} messages, from `{event_type}` on, cannot be stored all or not at all: 1,000 can, copies in older versions \
         included"
    )]
    TooMany {
        /// The first event.
        event_type: &'static str,
        /// How many messages they are.
        count: usize,
    },
    /// Some of the events that were to be stored all or not at all have ids that are known to the stream, or the same id.
    /// Nothing was stored.
    #[error(
        "of the events from `{event_type}` on, some have an id that the stream knows or that is another's of them, so none \
         was stored"
    )]
    KnownInPart {
        /// The first event.
        event_type: &'static str,
    },
    /// Of several events that were to be stored all or not at all, one expects a last sequence of a subject on which another
    /// of them comes before it. Nothing was sent.
    #[error(
        "of the events from `{event_type}` on, one expects a last sequence of `{subject}`, where another of them comes before \
         it: only the first on a subject can"
    )]
    NotFirst {
        /// The first event.
        event_type: &'static str,
        /// The subject.
        subject: String,
    },
    /// The last event on the subject is another than expected. Nothing was stored.
    #[error(
        "the last event on the subject of `{event_type}` has sequence {last}, not the expected one"
    )]
    Conflict {
        /// The event.
        event_type: &'static str,
        /// The sequence of the last event on the subject, 0 for none.
        last: u64,
    },
    /// The event is published in several versions, and not all of them are stored. Publishing it again with the same id
    /// is safe within the stream's duplicate window, and adds those that are missing.
    #[error("`{event_type}` is not stored in every version that it is published in")]
    Incomplete {
        /// The event.
        event_type: &'static str,
        /// What became of the version that is missing.
        source: Box<PublishError>,
    },
    /// No answer came in time: the event may be stored, or not. Publishing it again with the same id is safe within
    /// the stream's duplicate window.
    #[error(
        "it is unknown whether `{event_type}` is stored, after {attempts} attempts in {elapsed:?}"
    )]
    Unknown {
        /// The event.
        event_type: &'static str,
        /// Its id.
        id: String,
        /// How often it was sent.
        attempts: u32,
        /// For how long it was tried.
        elapsed: Duration,
        /// What came of the last attempt.
        source: BrokerError,
    },
}

impl PublishError {
    /// Whether the event may be stored although this is an error.
    pub fn is_unknown(&self) -> bool {
        self.outcome() == Outcome::Unknown
    }

    /// What became of the event.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Unknown { .. } | Self::Incomplete { .. } => Outcome::Unknown,
            Self::Conflict { .. } => Outcome::Conflict,
            Self::NoOrganization { .. }
            | Self::OtherOrganization { .. }
            | Self::Subject(_)
            | Self::Id { .. }
            | Self::Invalid(_)
            | Self::Encode { .. }
            | Self::TooLarge { .. }
            | Self::Downcast { .. }
            | Self::Encryption { .. }
            | Self::InReplay { .. }
            | Self::Rejected { .. }
            | Self::CircuitOpen { .. }
            | Self::QueueFull { .. }
            | Self::Unschedulable { .. }
            | Self::SeveralStreams { .. }
            | Self::TooMany { .. }
            | Self::KnownInPart { .. }
            | Self::NotFirst { .. } => Outcome::Rejected,
        }
    }
}

fn when(probe_in: Option<Duration>) -> String {
    match probe_in {
        Some(pause) => format!("the next one may try in {pause:.1?}"),
        None => "one is trying whether it is back".to_owned(),
    }
}
