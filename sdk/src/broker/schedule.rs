//! Messages that a stream holds until their time has come, by ADR-51 of NATS.
//!
//! A schedule is a message on a subject of its own, which the stream captures and nobody reads. It says when, and on which
//! subject, the stream stores what it holds.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Outgoing, StoredMessage};
use crate::message::headers::InvalidHeader;

/// When: `@at` and a time.
pub(super) const SCHEDULE: &str = "Nats-Schedule";
/// Where to.
pub(super) const TARGET: &str = "Nats-Schedule-Target";
const AT: &str = "@at ";

/// The subjects of a stream's schedules. No event's subject begins like it.
pub(crate) fn filter(stream: &str) -> String {
    format!("_scheduled.{stream}.*")
}

/// The subject of the schedule of one message; its id may hold what a subject cannot.
pub(crate) fn subject(stream: &str, message_id: &str) -> String {
    let token = Uuid::new_v5(&Uuid::NAMESPACE_URL, message_id.as_bytes());
    format!("_scheduled.{stream}.{}", token.simple())
}

/// The schedule of a message. It has an id of its own: streams remember ids of what was removed, so with the message's id,
/// what was taken back could be neither scheduled nor published again.
pub(crate) fn at(message: Outgoing, time: Timestamp) -> Result<Outgoing, InvalidHeader> {
    let Outgoing { subject: target, mut headers, .. } = message;
    headers.insert(SCHEDULE, format!("{AT}{time}"))?;
    headers.insert(TARGET, target.into_string())?;
    let subject = subject(message.stream, &message.message_id).into();
    let message_id = Uuid::now_v7().to_string();
    Ok(Outgoing { subject, headers, message_id, ..message })
}

/// The time of a schedule.
pub(crate) fn time_of(held: &StoredMessage) -> Option<Timestamp> {
    time(held.headers.get(SCHEDULE)?)
}

/// The time that a schedule names.
pub(super) fn time(pattern: &str) -> Option<Timestamp> {
    pattern.strip_prefix(AT)?.parse().ok()
}
