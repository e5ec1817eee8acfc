use std::mem;
use std::sync::Arc;

use super::PublishError;
use super::batch::Batch;
use crate::broker::{Outgoing, Soon};
use crate::encryption::Sealer;
use crate::{EventSpec, Tidings, message::envelope};

/// One event as it was written, with its copies in older versions. Nothing of it leaves the process before it is
/// [sealed](Self::seal).
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) event_type: &'static str,
    event: (&'static EventSpec, Outgoing),
    /// Oldest first.
    copies: Vec<(&'static EventSpec, Outgoing)>,
    /// Whose key encrypts it, where something in it is to be encrypted.
    sealed_for: Option<Arc<str>>,
}

impl Draft {
    pub(super) fn new(
        event: (&'static EventSpec, Outgoing),
        copies: Vec<(&'static EventSpec, Outgoing)>,
        sealed_for: Option<Arc<str>>,
    ) -> Self {
        Self { event_type: event.0.event_type, event, copies, sealed_for }
    }

    /// The event's id.
    pub(super) fn id(&self) -> &str {
        &self.event.1.message_id
    }

    /// The stream that it is for.
    pub(super) fn stream(&self) -> &'static str {
        self.event.1.stream
    }

    /// Where its messages go.
    pub(super) fn subjects(&self) -> impl Iterator<Item = &str> {
        let copies = self.copies.iter().map(|(_, copy)| copy.subject.as_str());
        copies.chain([self.event.1.subject.as_str()])
    }

    /// How many messages it is.
    pub(super) fn len(&self) -> usize {
        1 + self.copies.len()
    }

    /// What may be sent and stored: personal data is encrypted as the catalog says, and then large messages are compressed.
    pub(super) fn seal(mut self, bus: &Tidings) -> Soon<Result<Batch, PublishError>> {
        let largest = bus.largest_payload();
        let Some(organization) = self.sealed_for.take() else {
            return Soon::now(self.finished(largest, None));
        };
        let bus = bus.clone();
        Soon::later(async move {
            let event_type = self.event_type;
            let sealer = Sealer::new(&bus, event_type, &organization).await;
            let sealer =
                sealer.map_err(|source| PublishError::Encryption { event_type, source })?;
            self.finished(largest, Some(&sealer))
        })
    }

    fn finished(mut self, largest: usize, sealer: Option<&Sealer>) -> Result<Batch, PublishError> {
        let event_type = self.event_type;
        for (spec, message) in std::iter::once(&mut self.event).chain(&mut self.copies) {
            if let Some(sealer) = sealer {
                let sealed = sealer.seal(spec, message);
                sealed.map_err(|source| PublishError::Encryption { event_type, source })?;
            }
            let (size, limit) = (message.payload.len(), largest);
            if size > limit {
                return Err(PublishError::TooLarge { event_type, size, limit });
            }
            let (payload, above) = (mem::take(&mut message.payload), spec.payloads.compress_above);
            message.payload = envelope::compress(&mut message.headers, payload, above);
        }
        let copies = self.copies.into_iter().map(|(_, copy)| copy).collect();
        Ok(Batch::new(event_type, self.event.1, copies))
    }
}
