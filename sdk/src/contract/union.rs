//! Several events as one type.

use crate::consumer::{self, DispatchError, Unfit};
use crate::contract::subject::{InvalidToken, Subject};
use crate::message::envelope::Envelope;
use crate::message::personal::Screen;
use crate::{Event, EventSpec, HandlerInput};

/// One of several events; [`#[derive(EventUnion)]`](macro@crate::EventUnion) makes an enum one.
///
/// ```
/// use event_catalog::user::{UserCreated, UserUpdated};
/// use tidings::{Envelope, EventUnion};
///
/// #[derive(EventUnion)]
/// enum MemberEvent {
///     Created(UserCreated),
///     Updated(UserUpdated),
/// }
///
/// /// What was received by other means than a subscription.
/// fn read(envelope: &Envelope, payload: &str) -> Result<Option<MemberEvent>, tidings::DecodeError> {
///     MemberEvent::decode(envelope, payload)
/// }
///
/// assert_eq!(MemberEvent::specs().count(), 2);
/// let event = MemberEvent::from(tidings::testing::example::<UserCreated>());
/// assert_eq!(event.spec().event_type, "user.created");
/// assert_eq!(event.subject()?.as_str(), "user.created");
/// assert!(event.key().is_some());
/// # let _ = read;
/// # Ok::<(), tidings::InvalidToken>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a union of events",
    label = "not a union of events",
    note = "write `#[derive(EventUnion)]` above an enum whose variants hold one event each"
)]
pub trait EventUnion: HandlerInput + Sized {
    #[doc(hidden)]
    const MEMBERS: &'static [Member<Self>];

    /// What the catalog says about the events that it can be.
    fn specs() -> impl Iterator<Item = &'static EventSpec> {
        Self::MEMBERS.iter().map(|member| member.spec)
    }

    /// Reads an event that was received: its payload as JSON, as its envelope says. An older version is upcast. None
    /// where the same fact is published in another version as well, which the union takes instead.
    ///
    /// # Errors
    /// The union has no such event, in no version that can be upcast; the payload does not fit; or it is still to be
    /// [decrypted](crate::Tidings::decrypted).
    fn decode(envelope: &Envelope, data: &str) -> Result<Option<Self>, DecodeError> {
        if envelope.encrypted_fields.is_some() {
            return Err(DecodeError(DispatchError::Encrypted(envelope.event_type.to_string())));
        }
        let member = consumer::route(Self::MEMBERS, |member| member.spec, envelope, false);
        let Some(Member { spec, read }) = member.map_err(DecodeError)? else { return Ok(None) };
        let decode = |data: &str| read(data).map_err(Unfit::Undecodable);
        consumer::read(spec, envelope, data, decode).map(Some).map_err(DecodeError)
    }

    /// What the catalog says about the event that it is.
    fn spec(&self) -> &'static EventSpec;

    /// The subject that the event is published on; its parameters come from the payload.
    ///
    /// # Errors
    /// A parameter's value cannot be a token of a subject.
    fn subject(&self) -> Result<Subject, InvalidToken>;

    /// What tells which events must stay in order, where the catalog names a key.
    fn key(&self) -> Option<String>;

    #[doc(hidden)]
    fn visit<V: Visitor>(&self, visitor: V) -> V::Output;
}

/// The events that a union can be, in the versions that they can be made from too.
pub(crate) fn versions<U: EventUnion>() -> impl Iterator<Item = &'static EventSpec> {
    U::specs().flat_map(|spec| std::iter::once(spec).chain(spec.upcasts_from()))
}

/// Whether an event is one of a union, if it can be read; not, where the union takes the same fact in another version.
pub(crate) fn takes<U: EventUnion>(envelope: &Envelope) -> Result<bool, DecodeError> {
    let member = consumer::route(U::MEMBERS, |member| member.spec, envelope, false);
    member.map(|member| member.is_some()).map_err(DecodeError)
}

/// Whether an event of a union is of the organization that its subject names, where it names one.
pub(crate) fn check_organization<U: EventUnion>(
    envelope: &Envelope,
    subject: &str,
) -> Result<(), DispatchError> {
    let mut of_type = U::specs().filter(|spec| spec.event_type == envelope.event_type);
    // Its versions are on one subject as far as that is concerned.
    let Some(spec) = of_type.next() else { return Ok(()) };
    Ok(spec.check_organization(subject, envelope.organization_id.as_deref())?)
}

/// Keeps what the catalog marks as personal out of words about an event of a union.
pub(crate) fn screen<U: EventUnion>(envelope: &Envelope, data: &str) -> Screen {
    Screen::of(consumer::personal(versions::<U>(), envelope), data)
}

/// Does something with the event that a union is, whatever its type.
#[doc(hidden)]
pub trait Visitor {
    type Output;

    fn visit<E: Event>(self, event: &E) -> Self::Output;
}

/// An event cannot be read as one of a union.
#[derive(Debug, thiserror::Error)]
#[error("not one of the union: {0}")]
pub struct DecodeError(DispatchError);

impl DecodeError {
    pub(crate) fn why(&self) -> &DispatchError {
        &self.0
    }
}

/// An event that a union can be.
#[doc(hidden)]
#[derive(Debug)]
pub struct Member<U> {
    spec: &'static EventSpec,
    read: fn(&str) -> serde_json::Result<U>,
}

impl<U> Member<U> {
    pub const fn of<E>() -> Self
    where
        E: Event,
        U: From<E>,
    {
        Self { spec: E::SPEC, read: |data| serde_json::from_str::<E>(data).map(U::from) }
    }
}
