use std::borrow::Cow;
use std::pin::Pin;

use jiff::Timestamp;
use serde::Serialize;

use super::batch::Batch;
use super::draft::Draft;
use super::observed::Observed;
use super::older::{self, Older};
use super::{Origin, PublishError, Published, Queue, Receipt, guard, transmit};
use crate::broker::{Outgoing, Soon};
use crate::contract::own_type::Contract;
use crate::contract::subject::{InvalidToken, Subject, check_token};
use crate::message::claim;
use crate::message::envelope::{self, Head};
use crate::message::personal::without_values;
use crate::operations::traces;
use crate::upcast::Downcasted;
use crate::{Event, EventSpec, Tidings, encryption};

/// The longest id, in bytes.
const MAX_ID: usize = 255;

/// An event about to be published: set what is special about it, then `.await` it, [`enqueue`](Self::enqueue) it
/// or publish it [`in_background`](Self::in_background).
///
/// ```
/// # use event_catalog::user_profile;
/// # use tidings::testing::example;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// # let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// let first = publisher.user_created(example()).id("registration-7").await?;
/// let again = publisher.user_created(example()).id("registration-7").await?; // the same command, sent once more
/// assert!(!first.duplicate && again.duplicate); // it is stored once
/// # Ok(())
/// # }
/// ```
///
/// With all that can be said about one, and without waiting:
///
/// ```
/// use event_catalog::user_profile;
/// use tidings::testing::example;
/// use tidings::{PublishError, Timestamp};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let publisher = user_profile::Publisher::new(&bus);
/// let event = || publisher.user_created(example()).organization("acme");
/// let first = event().time(Timestamp::now()).expect_last_sequence(0).await?; // the first of its subject
/// let late = event().expect_last_sequence(0).await;
/// assert!(matches!(late, Err(PublishError::Conflict { last, .. }) if Some(last) == first.sequence));
///
/// let receipt = event().enqueue().await?; // it is on its way
/// receipt.await?; //                         it is stored
/// let id = event().in_background()?; //      whoever is told of losses: see `Background`
/// # let _ = id;
/// # bus.flush().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "an event is published once this is awaited or enqueued"]
pub struct Publish<'a, E> {
    origin: Cow<'a, Origin>,
    event: E,
    id: Option<String>,
    time: Option<Timestamp>,
    expected_last: Option<u64>,
}

impl<'a, E: Event> Publish<'a, E> {
    pub(crate) fn new(origin: Cow<'a, Origin>, event: E) -> Self {
        Self { origin, event, id: None, time: None, expected_last: None }
    }

    /// The event's id: a second event with it is a duplicate of the first. Default: a new UUID of version 7; in a
    /// handler, one that is the same when the handler publishes the same event again in a further attempt.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// When it happened. Default: now.
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = Some(time);
        self
    }

    /// The organization whose event this is, instead of the publisher's.
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.origin.to_mut().organization = Some(organization.into().into());
        self
    }

    /// The sequence of the last event on the same subject, 0 for none: where another has come since, this one is
    /// not stored, and the error is [`PublishError::Conflict`].
    pub fn expect_last_sequence(mut self, sequence: u64) -> Self {
        self.expected_last = Some(sequence);
        self
    }

    /// Sends the event without waiting for the stream's word, which the receipt gives: to publish thousands at once.
    /// Waits only while 1,024 messages are on their way. One that has to be sent again may come behind later ones.
    ///
    /// # Errors
    /// The event cannot be sent at all. Whatever may pass is tried again in the background.
    pub async fn enqueue(self) -> Result<Receipt, PublishError> {
        let (observed, bus) = (self.observed(), &self.origin.bus);
        let span = observed.span();
        let begun = span.in_scope(|| {
            let sealed = sealed(self.draft_for(&observed), bus);
            Receipt::of(bus, sealed, observed)
        });
        match begun.at_once() {
            Ok(begun) => begun,
            Err(begun) => span.instrument(begun).await,
        }
    }

    /// Hands the event to a bounded queue and returns its id, without waiting for anything: for events of which some may
    /// be lost. They are sent in order; while the broker is away they wait. [`Tidings::flush`](crate::Tidings::flush) waits
    /// until all have their word, and [`Tidings::close`](crate::Tidings::close) does too, for a while. What happens when
    /// the queue is full, and who is told of losses, is set by [`Background`](crate::Background).
    ///
    /// # Errors
    /// The event cannot be sent at all, the queue is full and takes no more, or the connection was closed.
    pub fn in_background(self) -> Result<String, PublishError> {
        let bus = self.origin.bus.clone();
        let (draft, observed) = self.drafted();
        match draft {
            Ok(draft) => {
                let id = draft.id().to_owned();
                Queue::push(&bus, draft, observed)?;
                Ok(id)
            }
            Err(error) => Err(observed.failed(error)),
        }
    }

    async fn send(self) -> Result<Published, PublishError> {
        let bus = &self.origin.bus;
        let (sealed, observed) = self.sealed();
        let result = observed.span().instrument(send(bus, sealed)).await;
        observed.concluded(&result);
        result
    }

    /// It is published now.
    pub(super) fn observed(&self) -> Observed {
        Observed::begin(&self.origin, E::SPEC)
    }

    pub(crate) fn is_expecting(&self) -> bool {
        self.expected_last.is_some()
    }

    /// What keeps the event in order with others.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn key(&self) -> Option<String> {
        self.event.key()
    }

    pub(super) fn time_unless_given(mut self, time: Timestamp) -> Self {
        self.time.get_or_insert(time);
        self
    }

    pub(super) fn bus(&self) -> &Tidings {
        &self.origin.bus
    }

    /// Sends what was made of the event, and waits for the stream's word.
    pub(super) async fn send_batch(&self, batch: Batch) -> Result<Published, PublishError> {
        send(&self.origin.bus, Soon::now(Ok(batch))).await
    }

    /// What is sent and stored of the event.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) async fn prepare(&self) -> Result<Batch, PublishError> {
        self.draft()?.seal(&self.origin.bus).await
    }

    /// The same, in the span of its publish.
    pub(super) async fn prepare_for(&self, observed: &Observed) -> Result<Batch, PublishError> {
        self.draft_for(observed)?.seal(&self.origin.bus).await
    }

    /// The event as it may be sent, and what is told of its publish.
    fn sealed(&self) -> (Soon<Result<Batch, PublishError>>, Observed) {
        let observed = self.observed();
        let bus = &self.origin.bus;
        let sealed = observed.span().in_scope(|| sealed(self.draft_for(&observed), bus));
        (sealed, observed)
    }

    /// The event as it is written, and what is told of its publish.
    pub(super) fn drafted(&self) -> (Result<Draft, PublishError>, Observed) {
        let observed = self.observed();
        (observed.span().in_scope(|| self.draft_for(&observed)), observed)
    }

    /// It is published in a load, whose span is that of all its events.
    pub(super) fn into_loaded(self) -> (Result<Draft, PublishError>, Observed) {
        (self.draft(), Observed::in_load(&self.origin, E::SPEC))
    }

    /// The event as it is written, in the span of its publish.
    fn draft_for(&self, observed: &Observed) -> Result<Draft, PublishError> {
        let draft = self.draft()?;
        observed.named(draft.id());
        Ok(draft)
    }

    /// The event as it is written, checked and in each of its versions.
    fn draft(&self) -> Result<Draft, PublishError> {
        let given = Given {
            id: self.id.as_deref().map(Cow::Borrowed),
            time: self.time,
            expected_last: self.expected_last,
            ..Given::default()
        };
        draft(&self.origin, &self.event, given)
    }
}

/// What may be sent of an event as it was written.
pub(super) fn sealed(
    draft: Result<Draft, PublishError>,
    bus: &Tidings,
) -> Soon<Result<Batch, PublishError>> {
    match draft {
        Ok(draft) => draft.seal(bus),
        Err(error) => Soon::now(Err(error)),
    }
}

/// Sends the messages of an event one after the other, and waits for the stream's word.
pub(super) async fn send(
    bus: &Tidings,
    sealed: Soon<Result<Batch, PublishError>>,
) -> Result<Published, PublishError> {
    let batch = sealed.await?;
    let (event_type, id) = (batch.event_type, batch.id().to_owned());
    let permit = guard::admit(bus, event_type)?;
    let result = match batch.alone(|message| !claim::is_due(bus, message)) {
        Ok(message) => transmit::alone(bus, event_type, message).await,
        // In a box, as most events are one small message.
        Err(batch) => Box::pin(send_all(bus, batch)).await,
    };
    guard::conclude(bus, permit, event_type, &id, result.as_ref().map(Published::outcome));
    result
}

async fn send_all(bus: &Tidings, batch: Batch) -> Result<Published, PublishError> {
    let event_type = batch.event_type;
    let (messages, mut words) = batch.split();
    for message in messages {
        words.hear(transmit(bus, event_type, message).await);
        if !words.are_good() {
            break;
        }
    }
    words.own()
}

/// What is said of one event.
#[derive(Clone, Debug, Default)]
pub(super) struct Given<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) time: Option<Timestamp>,
    pub(super) expected_last: Option<u64>,
    pub(super) aggregate_version: Option<u64>,
    /// Whether the id was made for this event, and no other has it.
    pub(super) is_new: bool,
}

/// The messages of an event, checked and written.
pub(super) fn draft<E: Event>(
    origin: &Origin,
    own: &E,
    given: Given<'_>,
) -> Result<Draft, PublishError> {
    let spec = E::SPEC;
    admit(origin, spec)?;
    let encode = |error| PublishError::Encode {
        event_type: spec.event_type,
        source: without_values(spec, error),
    };
    let contract = Contract::of(own).map_err(encode)?;
    if origin.service.validate {
        contract.validate()?;
    }
    let (subject, key) = (contract.subject()?, contract.key());
    let (id, is_new) = match (given.id, &origin.follow_ups) {
        (Some(id), _) => (id, false),
        (None, Some(follow_ups)) => (follow_ups.id(own).map_err(encode)?.into(), false),
        (None, None) => (new_id().into(), true),
    };
    let older = older::versions(own, origin.service.validate)?;
    let fact = Fact { spec, payload: own, subject, key, older };
    written(origin, fact, Given { id: Some(id), is_new, ..given })
}

/// Whether an event of this kind may be published at all as things are.
pub(super) fn admit(origin: &Origin, spec: &'static EventSpec) -> Result<(), PublishError> {
    if origin.replays {
        return Err(PublishError::InReplay { event_type: spec.event_type });
    }
    match origin.organization.as_deref() {
        Some(value) => {
            check_token(value).map_err(|fault| InvalidToken::new("organization", value, fault))?;
        }
        None if origin.service.organization_required || encryption::encrypts(spec) => {
            return Err(PublishError::NoOrganization { event_type: spec.event_type });
        }
        None => {}
    }
    Ok(())
}

/// What is published, and what is known of it.
pub(super) struct Fact<'a, P> {
    pub(super) spec: &'static EventSpec,
    pub(super) payload: &'a P,
    pub(super) subject: Subject,
    pub(super) key: Option<String>,
    /// Oldest first.
    pub(super) older: Vec<Older>,
}

/// The messages of an event whose payload was checked.
pub(super) fn written<P: Serialize>(
    origin: &Origin,
    fact: Fact<'_, P>,
    given: Given<'_>,
) -> Result<Draft, PublishError> {
    let Fact { spec, payload, subject, key, older } = fact;
    let id = given.id.map_or_else(new_id, Cow::into_owned);
    if !given.is_new {
        check_id(&id)?;
    }
    let trace = traces::carried(&origin.trace);
    let majors = older::majors(spec, &older);
    let head = Head {
        id: &id,
        source: origin.service.source,
        event_type: spec.event_type,
        time: given.time.unwrap_or_else(Timestamp::now),
        data_schema: spec.data_schema,
        schema_version: spec.version,
        majors: &majors,
        copy_of: None,
        key: key.as_deref(),
        aggregate_version: given.aggregate_version,
        organization_id: origin.organization.as_deref(),
        correlation_id: origin.correlation_id.as_deref().unwrap_or(&id),
        causation_id: origin.causation_id.as_deref(),
        trace_parent: trace.as_ref().map(|trace| &*trace.parent),
        trace_state: trace.as_ref().and_then(|trace| trace.state.as_deref()),
    };
    let mut event = message(origin, &head, spec, subject, payload)?;
    event.0.expected_last_subject_sequence = given.expected_last;
    let mut copies = Vec::with_capacity(older.len());
    for copy in older {
        let copy_id = copy.id(&id);
        let Older { spec, event: Downcasted { payload, subject } } = copy;
        let (data_schema, schema_version) = (spec.data_schema, spec.version);
        let copy_of = Some(id.as_str());
        let head = Head { id: &copy_id, data_schema, schema_version, copy_of, ..head };
        let copy = message(origin, &head, spec, subject?, &payload)?;
        copies.push((spec, copy.named(copy_id, given.is_new)));
    }
    let event = event.named(id, given.is_new);
    let seals =
        encryption::encrypts(spec) || copies.iter().any(|(older, _)| !older.encrypted.is_empty());
    let sealed_for = origin.organization.clone().filter(|_| seals);
    Ok(Draft::new((spec, event), copies, sealed_for))
}

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A message that is yet to be given the id that is written in it.
struct Nameless(Outgoing);

impl Nameless {
    fn named(self, message_id: String, is_new: bool) -> Outgoing {
        Outgoing { message_id, is_new, ..self.0 }
    }
}

/// The message of one version.
fn message<P: Serialize>(
    origin: &Origin,
    head: &Head<'_>,
    spec: &'static EventSpec,
    subject: Subject,
    payload: &P,
) -> Result<Nameless, PublishError> {
    let event_type = spec.event_type;
    spec.check_organization(subject.as_str(), head.organization_id).map_err(|other| {
        let (subject, reason) = (subject.to_string(), other.to_string());
        PublishError::OtherOrganization { event_type, subject, reason }
    })?;
    let (headers, body) = envelope::write(origin.mode, head, payload)
        .map_err(|error| without_values(spec, error))
        .map_err(|source| PublishError::Encode { event_type, source })?;
    let (size, limit) = (body.len(), origin.bus.largest_payload());
    if size > limit {
        return Err(PublishError::TooLarge { event_type, size, limit });
    }
    Ok(Nameless(Outgoing {
        subject: spec.placed(subject, head.key),
        headers,
        payload: body,
        message_id: String::new(),
        stream: spec.stream,
        expected_last_subject_sequence: None,
        expected_filter: None,
        claim_check_above: spec.payloads.claim_check_above,
        is_new: false,
    }))
}

/// An id stands in a header, and other readers must accept it.
fn check_id(id: &str) -> Result<(), PublishError> {
    let fits = !id.is_empty()
        && id.len() <= MAX_ID
        && id.trim() == id
        && !id.contains(|c: char| c.is_control());
    if fits { Ok(()) } else { Err(PublishError::Id { id: id.to_owned() }) }
}

impl<'a, E: Event> IntoFuture for Publish<'a, E> {
    type Output = Result<Published, PublishError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
