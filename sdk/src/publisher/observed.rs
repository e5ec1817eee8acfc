//! A publish as it is seen from outside: in figures, and as a span.

use std::cmp::Ordering;

use tokio::time::Instant;

use super::draft::Draft;
use super::{Appended, NotAppended, Origin, Outcome, PublishError, Published};
use crate::EventSpec;
use crate::operations::metrics;
use crate::operations::traces::{self, Span};

/// One event's publish, from the call to the outcome. Dropped without one, nobody knows what became of the event.
#[derive(Debug)]
pub(super) struct Observed {
    span: Span,
    figures: metrics::Publishing,
    ended: bool,
}

impl Observed {
    pub(super) fn begin(origin: &Origin, spec: &'static EventSpec) -> Self {
        let figures = origin.bus.figures().publishing(&origin.bus, origin.service.name, spec);
        Self { span: traces::publish(origin, spec), figures, ended: false }
    }

    /// As one of many of a load, which has a span of its own.
    pub(super) fn in_load(origin: &Origin, spec: &'static EventSpec) -> Self {
        let figures = origin.bus.figures().publishing(&origin.bus, origin.service.name, spec);
        Self { span: Span::none(), figures, ended: false }
    }

    /// When it began.
    pub(super) fn begun(&self) -> Instant {
        self.figures.begun()
    }

    /// The span that everything is done in.
    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// The event has its id.
    pub(super) fn named(&self, id: &str) {
        traces::named(&self.span, id);
    }

    pub(super) fn ended(mut self, outcome: Outcome) {
        self.tell(outcome);
    }

    /// The stream's word, or why there is none.
    pub(super) fn concluded(self, result: &Result<Published, PublishError>) {
        self.ended(result.as_ref().map_or_else(PublishError::outcome, Published::outcome));
    }

    /// It is not published, or nobody knows.
    pub(super) fn failed(self, error: PublishError) -> PublishError {
        self.ended(error.outcome());
        error
    }

    fn tell(&mut self, outcome: Outcome) {
        self.ended = true;
        self.figures.ended(outcome);
        traces::published(&self.span, outcome);
    }
}

/// Events that are to be sent together. Dropped before that, they are not published.
#[derive(Debug, Default)]
pub(super) struct Pending(Vec<(Draft, Observed)>);

impl Pending {
    pub(super) fn push(&mut self, draft: Draft, observed: Observed) {
        self.0.push((draft, observed));
    }

    /// They are on their way now.
    pub(super) fn leave(mut self) -> (Vec<Draft>, Vec<Observed>) {
        std::mem::take(&mut self.0).into_iter().unzip()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        for (_, observed) in self.0.drain(..) {
            observed.ended(Outcome::Rejected);
        }
    }
}

/// What became of events that were to be stored all or not at all. Of what was not sent because of another, nothing is stored.
pub(super) fn all_ended(all: Vec<Observed>, result: Result<&[Published], &PublishError>) {
    let mut events = result.unwrap_or_default().iter();
    for observed in all {
        let outcome = match result {
            Ok(_) => events.next().map_or(Outcome::Unknown, Published::outcome),
            Err(error) => error.outcome(),
        };
        observed.ended(outcome);
    }
}

/// What became of events that were to be stored behind one another. Those behind one that is not were not sent.
pub(super) fn appended(all: Vec<Observed>, result: Result<&Appended, &NotAppended>) {
    let failed = match result {
        Ok(appended) => return all_ended(all, Ok(&appended.events)),
        Err(failed) => failed,
    };
    for (place, observed) in all.into_iter().enumerate() {
        observed.ended(match place.cmp(&failed.stored) {
            Ordering::Less => Outcome::Stored,
            Ordering::Equal => failed.reason.outcome(),
            // All that were to be stored together have one fate.
            Ordering::Greater if failed.stored == 0 => failed.reason.outcome(),
            Ordering::Greater => Outcome::Rejected,
        });
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if !self.ended {
            self.tell(Outcome::Unknown);
        }
    }
}
