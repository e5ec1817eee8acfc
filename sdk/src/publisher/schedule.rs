//! Events that are stored at a later time, by the stream's own schedules.

use std::time::Duration;

use jiff::Timestamp;

use super::batch::Batch;
use super::observed::Observed;
use super::{Outcome, Publish, PublishError, older};
use crate::broker::{StoredMessage, schedule};
use crate::{BrokerError, Event, EventSpec, Tidings, message::claim, resilience::retry};

/// How far the clocks of this process and its servers may be apart.
const SKEW: Duration = Duration::from_secs(10);

/// An event that is stored when its time comes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scheduled {
    /// The event's id.
    pub id: String,
    /// The stream that holds it.
    pub stream: &'static str,
    /// When it is stored.
    pub at: Timestamp,
}

impl<E: Event> Publish<'_, E> {
    /// Has the stream store the event at this time, or at once where it has passed. Waits for the stream's word that it
    /// will. Until then it can be [taken back](crate::Publisher::cancel) by its id.
    ///
    /// The event's [time](Self::time) is this one unless another is given. The stream holds the event in its own store, so
    /// the time must not be further away than the stream keeps events.
    ///
    /// Scheduling it again with the same id, while it is held, takes the place of the first: there is one, at the later
    /// call's time. Once it is stored, or was taken back, the id is as good as new. So an event that was scheduled is never
    /// a duplicate of one that was published: whoever does both has two events with one id.
    ///
    /// It takes nats-server 2.12 or newer.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     publisher: event_catalog::orders::Publisher,
    /// #     reminder: event_catalog::orders::OrderStatusChanged,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let tomorrow = tidings::Timestamp::now() + std::time::Duration::from_secs(24 * 3600);
    /// let scheduled = publisher.order_status_changed(reminder).publish_at(tomorrow).await?;
    /// // Or not:
    /// publisher.cancel::<event_catalog::orders::OrderStatusChanged>(&scheduled.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of every publish; [`PublishError::Unschedulable`] where the stream would not keep it for so long, or where it
    /// expects a last sequence.
    pub async fn publish_at(self, at: Timestamp) -> Result<Scheduled, PublishError> {
        let observed = self.observed();
        let span = observed.span();
        let result = span.instrument(self.schedule(at, &observed)).await;
        match result {
            Ok(scheduled) => {
                observed.ended(Outcome::Stored);
                Ok(scheduled)
            }
            Err(error) => Err(observed.failed(error)),
        }
    }

    async fn schedule(
        mut self,
        at: Timestamp,
        observed: &Observed,
    ) -> Result<Scheduled, PublishError> {
        let event_type = E::SPEC.event_type;
        let unschedulable = |reason: String| PublishError::Unschedulable { event_type, reason };
        if self.is_expecting() {
            let reason = "what its subject will hold by then cannot be expected";
            return Err(unschedulable(reason.to_owned()));
        }
        self = self.time_unless_given(at);
        let batch = self.prepare_for(observed).await?;
        let rejected = |source| PublishError::Rejected { event_type, source };
        let (stream, broker) = (E::SPEC.stream, self.bus().broker());
        let latest = retry::reaching(|| broker.latest_schedule(stream)).await.map_err(rejected)?;
        if let Some(latest) = latest.filter(|latest| at > *latest) {
            let reason = format!("`{stream}` keeps events only until {latest}, and {at} is later");
            return Err(unschedulable(reason));
        }
        let id = batch.id().to_owned();
        let replaced = held_aside::<E>(self.bus(), &batch).await;
        let batch = batch.map(|message| schedule::at(message, at));
        let batch = batch.map_err(|error| unschedulable(error.to_string()))?;
        self.send_batch(batch).await?;
        for held in replaced.iter().filter(|held| !may_have_fired(self.bus(), held)) {
            claim::withdraw(self.bus(), stream, held).await;
        }
        Ok(Scheduled { id, stream, at })
    }
}

/// What is held under the same ids, where its payload lies beside it: it is of no more use once something takes its place.
async fn held_aside<E: Event>(bus: &Tidings, batch: &Batch) -> Vec<StoredMessage> {
    let (stream, mut found) = (E::SPEC.stream, Vec::new());
    if E::SPEC.payloads.claim_check_above.is_none() {
        return found;
    }
    for id in batch.ids() {
        let subject = schedule::subject(stream, id);
        let held = retry::reaching(|| bus.broker().last_message(stream, &subject)).await;
        // Where it cannot be known, the payload stays until it is too old.
        let held = held.ok().flatten();
        found.extend(held.filter(|held| claim::own_claim(bus, stream, held).is_some()));
    }
    found
}

/// Whether the time of what was held may have come; then there may be an event with its payload.
fn may_have_fired(bus: &Tidings, held: &StoredMessage) -> bool {
    schedule::time_of(held).is_none_or(|time| time <= bus.broker().time() + SKEW)
}

/// Takes back an event, with its copies in older versions, that was to be stored later.
pub(super) async fn cancel(
    bus: &Tidings,
    spec: &'static EventSpec,
    id: &str,
) -> Result<bool, BrokerError> {
    let mut ids = vec![id.to_owned()];
    let mut newer = spec;
    while let Some(downcast) = newer.downcast {
        newer = downcast.to();
        ids.push(older::copy_id(id, newer.version.major));
    }
    let (stream, broker) = (spec.stream, bus.broker());
    let mut all = true;
    for id in ids {
        let subject = schedule::subject(stream, &id);
        let mut found = false;
        // What was not there any more has been stored, or another schedule has taken its place.
        while let Some(held) = retry::reaching(|| broker.last_message(stream, &subject)).await? {
            let removed = remove(bus, stream, &held).await?;
            if removed {
                claim::withdraw(bus, stream, &held).await;
            }
            found |= removed;
        }
        all &= found;
    }
    Ok(all)
}

/// Removes a schedule from its stream, and tells whether it was there.
async fn remove(bus: &Tidings, stream: &str, held: &StoredMessage) -> Result<bool, BrokerError> {
    let removed = bus.broker().remove_message(stream, held.sequence).await;
    let Err(unanswered) = removed else { return removed };
    if !unanswered.is_outage() {
        return Err(unanswered);
    }
    let again = || bus.broker().remove_message(stream, held.sequence);
    if retry::reaching(again).await? {
        return Ok(true);
    }
    // It was the first attempt, unless its time had come by then.
    match may_have_fired(bus, held) {
        false => Ok(true),
        true => Err(unanswered),
    }
}
