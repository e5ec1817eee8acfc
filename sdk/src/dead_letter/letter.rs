use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;

use super::shown::shown;
use super::{Reason, Redrive, header};
use crate::broker::StoredMessage;
use crate::catalog::{Catalog, DeadLetterSpec, SubscriptionSpec};
use crate::message::envelope;
use crate::message::headers::Headers;
use crate::{BrokerError, EventSpec, Tidings};

/// An event that a subscription could not handle.
///
/// `Display` tells in a line what failed and why; neither that nor `Debug` shows personal data of the payload, as far as the
/// catalog marks it. [`raw_payload`](Self::raw_payload) is the original, [`payload_redacted`](Self::payload_redacted) is for
/// showing.
///
/// ```no_run
/// use tidings::{DeadLetter, Reason};
///
/// fn tell(letter: &DeadLetter) {
///     let DeadLetter { subscription, event_type, attempts, chain, .. } = letter;
///     println!("{subscription} has failed {attempts} times at a {}", event_type.as_deref().unwrap_or("message"));
///     for cause in chain {
///         println!("  {cause}");
///     }
///     if letter.reason == Some(Reason::Undecodable) {
///         println!("{} bytes that are no event", letter.raw_payload().len());
///     } else {
///         println!("{}", letter.payload_redacted()); // without what the catalog marks as personal
///     }
/// }
///
/// # async fn example(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// for letter in bus.dead_letters(&event_catalog::CATALOG).all().await? {
///     tell(&letter);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Its place in the stream of dead letters.
    pub sequence: u64,
    /// Its subject there: `dlq.<service>.<subscription>.<event type>`.
    pub(super) subject: String,
    /// The subscription's durable consumer.
    pub subscription: String,
    /// Why it is here.
    pub reason: Option<Reason>,
    /// The error of the last attempt, with its causes: the [`chain`](Self::chain), joined by colons.
    pub error: String,
    /// The error of the last attempt and each of its causes, outermost first.
    pub chain: Vec<String>,
    /// How often it was delivered.
    pub attempts: u64,
    /// The event's type, where it could be read.
    pub event_type: Option<String>,
    /// The event's id, where it could be read.
    pub event_id: Option<String>,
    /// The organization whose event it is, where it could be read.
    pub organization_id: Option<String>,
    /// The subject that it was published on.
    pub source_subject: String,
    /// The stream that it was read from.
    pub source_stream: String,
    /// Its place in that stream.
    pub source_sequence: u64,
    /// When it failed first, since it was last redriven. None where the process that made the dead letter does not know:
    /// another one has seen it, or none.
    pub first_failure: Option<Timestamp>,
    /// When it failed last. None where nobody has seen it: its process died.
    pub last_failure: Option<Timestamp>,
    /// When it became a dead letter.
    pub time: Timestamp,
    /// The original headers and those of the dead letter.
    pub headers: Headers,
    /// The original body.
    pub(super) payload: Bytes,
    /// What the catalog knows of payloads.
    events: &'static [&'static EventSpec],
    /// Bytes that a payload may have.
    largest: usize,
    /// The payload is not here: there was no room for it, and a redrive reads it from its own stream, or the message was
    /// gone from there when the dead letter was made.
    pub payload_missing: bool,
}

/// Reads dead letters, oldest first.
///
/// ```
/// use tidings::{Reason, Tidings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let letters = || bus.dead_letters(&event_catalog::CATALOG).with_reason(Reason::Rejected);
/// for letter in letters().all().await? {
///     println!("{letter}"); // shows nothing that the catalog marks as personal
/// }
/// letters().redrive().await?; // to the subscriptions that failed, and to no other
/// # Ok(())
/// # }
/// ```
///
/// Some of them, one of them, none of them any more:
///
/// ```
/// use event_catalog::payments::collection;
/// use tidings::{Subscription as _, Timestamp};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let letters = || bus.dead_letters(&event_catalog::CATALOG);
/// let yesterday = Timestamp::now() - std::time::Duration::from_secs(24 * 60 * 60);
/// let of_acme = letters().of_organization("acme").since(yesterday).before(Timestamp::now());
/// println!("{} of acme's today", of_acme.all().await?.len());
///
/// let mut payments = letters().of_service("payments").of_type("inventory.stock.allocated");
/// while let Some(letter) = payments.next().await? {
///     println!("{} {letter}", letter.sequence);
///     println!("{}", payments.payload(&letter).await?); // all of it: for eyes that may see it
/// }
///
/// let collection = collection::Subscription::SPEC;
/// letters().of(collection).starting_at(1000).redrive().await?;
/// letters().only(17).redrive().await?;
/// letters().among([17, 21, 42]).redrive().await?;
///
/// if letters().show(17).await?.is_some() {
///     letters().remove(17).await?; // for good
/// }
/// letters().of(collection).purge().await?; // all of it, for good
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DeadLetters {
    pub(super) bus: Tidings,
    pub(super) spec: DeadLetterSpec,
    pub(super) events: &'static [&'static EventSpec],
    pub(super) filter: String,
    event_type: Option<String>,
    reason: Option<Reason>,
    organization: Option<String>,
    between: (Option<Timestamp>, Option<Timestamp>),
    pub(super) among: Option<VecDeque<u64>>,
    /// The first and the last sequence that is read.
    pub(super) next: u64,
    pub(super) last: u64,
}

impl DeadLetters {
    pub(crate) fn new(bus: Tidings, catalog: &Catalog) -> Self {
        let Catalog { dead_letters: spec, events, .. } = *catalog;
        let filter = format!("{}.>", spec.subject);
        Self {
            bus,
            spec,
            events,
            filter,
            event_type: None,
            reason: None,
            organization: None,
            between: (None, None),
            among: None,
            next: 1,
            last: u64::MAX,
        }
    }

    /// Only those of one subscription.
    #[must_use]
    pub fn of(mut self, subscription: &SubscriptionSpec) -> Self {
        let prefix = self.spec.subject;
        self.filter = format!("{prefix}.{}.{}.>", subscription.service, subscription.name);
        self
    }

    /// Only events of this type: `orders.order.created`.
    #[must_use]
    pub fn of_type(mut self, event_type: impl Into<String>) -> Self {
        self.event_type = Some(event_type.into());
        self
    }

    /// Only those with this reason.
    #[must_use]
    pub fn with_reason(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Only those of this organization.
    #[must_use]
    pub fn of_organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }

    /// Only those that became dead letters at this time or later.
    #[must_use]
    pub fn since(mut self, time: Timestamp) -> Self {
        self.between.0 = Some(time);
        self
    }

    /// Only those that became dead letters before this time.
    #[must_use]
    pub fn before(mut self, time: Timestamp) -> Self {
        self.between.1 = Some(time);
        self
    }

    /// The next one, or none where there are no more at the moment.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub async fn next(&mut self) -> Result<Option<DeadLetter>, BrokerError> {
        while let Some(letter) = self.read().await? {
            if self.is_meant(&letter) {
                return Ok(Some(letter));
            }
        }
        Ok(None)
    }

    /// The one with this [sequence](DeadLetter::sequence), whatever else was chosen; none where it is gone, or was
    /// redriven.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub async fn show(&self, sequence: u64) -> Result<Option<DeadLetter>, BrokerError> {
        let all = format!("{}.>", self.spec.subject);
        let found = self.bus.broker().next_message(self.spec.stream, &all, sequence).await?;
        let found = found.filter(|message| message.sequence == sequence);
        Ok(found.map(|message| DeadLetter::new(message, self.events, self.bus.largest_payload())))
    }

    pub(super) fn is_meant(&self, letter: &DeadLetter) -> bool {
        let (since, before) = self.between;
        self.event_type.as_ref().is_none_or(|wanted| letter.event_type.as_ref() == Some(wanted))
            && self.reason.is_none_or(|wanted| letter.reason == Some(wanted))
            && self
                .organization
                .as_ref()
                .is_none_or(|of| letter.organization_id.as_ref() == Some(of))
            && since.is_none_or(|since| letter.time >= since)
            && before.is_none_or(|before| letter.time < before)
    }

    /// All that are left.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub async fn all(mut self) -> Result<Vec<DeadLetter>, BrokerError> {
        let mut letters = Vec::new();
        while let Some(letter) = self.next().await? {
            letters.push(letter);
        }
        Ok(letters)
    }

    /// Hands them to their subscriptions again; see [`Redrive`].
    pub fn redrive(self) -> Redrive {
        Redrive::new(self)
    }

    /// Removes the one with this [sequence](DeadLetter::sequence) for good, whatever else was chosen; false where it is gone
    /// already.
    ///
    /// # Errors
    /// It cannot be read or removed.
    pub async fn remove(&self, sequence: u64) -> Result<bool, BrokerError> {
        match self.show(sequence).await? {
            Some(letter) => {
                self.bus.broker().remove_message(self.spec.stream, letter.sequence).await
            }
            None => Ok(false),
        }
    }

    /// Removes them for good; returns how many.
    ///
    /// # Errors
    /// One cannot be read or removed; those before it are gone.
    pub async fn purge(mut self) -> Result<u64, BrokerError> {
        let mut purged = 0;
        while let Some(letter) = self.next().await? {
            self.bus.broker().remove_message(self.spec.stream, letter.sequence).await?;
            purged += 1;
        }
        Ok(purged)
    }
}

impl DeadLetter {
    pub(super) fn new(
        message: StoredMessage,
        events: &'static [&'static EventSpec],
        largest: usize,
    ) -> Self {
        let get = |name: &str| message.headers.get(name).map(str::to_owned);
        let number = |name: &str| message.headers.get(name).and_then(|value| value.parse().ok());
        let time = |name: &str| message.headers.get(name).and_then(|value| value.parse().ok());
        let errors =
            message.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(header::ERROR));
        let chain: Vec<String> = errors.map(|(_, error)| error.to_owned()).collect();
        let received = envelope::read(&message.headers, &message.payload, largest);
        let organization_id = received.ok().and_then(|received| received.envelope.organization_id);
        Self {
            sequence: message.sequence,
            subject: message.subject.into(),
            subscription: get(header::SUBSCRIPTION).unwrap_or_default(),
            reason: message.headers.get(header::REASON).and_then(Reason::parse),
            error: chain.join(": "),
            chain,
            attempts: number(header::ATTEMPTS).unwrap_or_default(),
            event_type: get(header::EVENT_TYPE),
            event_id: get(header::EVENT_ID),
            organization_id: organization_id.map(Into::into),
            source_subject: get(header::SUBJECT).unwrap_or_default(),
            source_stream: get(header::STREAM).unwrap_or_default(),
            source_sequence: number(header::SEQUENCE).unwrap_or_default(),
            first_failure: time(header::FIRST_FAILURE),
            last_failure: time(header::LAST_FAILURE),
            time: message.time,
            payload: message.payload,
            payload_missing: message.headers.get(header::PAYLOAD).is_some(),
            headers: message.headers,
            events,
            largest,
        }
    }

    /// The original body, byte for byte, with all that it says about people.
    pub fn raw_payload(&self) -> &Bytes {
        &self.payload
    }

    /// The payload as JSON, with `<redacted>` in the place of personal data, for logs and tables. Where the catalog does
    /// not know what it looks like, how large it is.
    pub fn payload_redacted(&self) -> String {
        shown(self.events, &self.headers, &self.payload, self.largest)
            .unwrap_or_else(|| format!("<{} bytes, not shown>", self.payload.len()))
    }
}

impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.event_type.as_deref().unwrap_or("a message");
        let reason = self.reason.map_or("for a reason unknown", Reason::as_str);
        let Self { sequence, subscription, error, .. } = self;
        write!(f, "{sequence}: {what} for {subscription}: {reason}: {error}")
    }
}

impl fmt::Debug for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter")
            .field("sequence", &self.sequence)
            .field("subject", &self.subject)
            .field("subscription", &self.subscription)
            .field("reason", &self.reason)
            .field("chain", &self.chain)
            .field("attempts", &self.attempts)
            .field("event_type", &self.event_type)
            .field("event_id", &self.event_id)
            .field("organization_id", &self.organization_id)
            .field("source_subject", &self.source_subject)
            .field("source_stream", &self.source_stream)
            .field("source_sequence", &self.source_sequence)
            .field("first_failure", &self.first_failure)
            .field("last_failure", &self.last_failure)
            .field("time", &self.time)
            .field("payload", &format_args!("{}", self.payload_redacted()))
            .field("payload_missing", &self.payload_missing)
            .finish_non_exhaustive()
    }
}
