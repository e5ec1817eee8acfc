//! From where the events come to where they go.

use futures_util::FutureExt as _;
use jiff::Timestamp;

use super::checkpoint::{Checkpoint, Noted};
use super::handling::Taken;
use super::input::{Input, Item, Opened};
use super::lines;
use super::output::Output;
use super::place::Place;
use super::select::Selection;
use super::source::Kind;
use super::{Replay, ReplayError, ReplayFailure, ReplayProgress, Replayed, Report};
use crate::message::opened::received;
use crate::resilience::pace::Pace;
use crate::{Reason, ReplaySource, Tidings};

/// A replay at work.
struct Work<'s> {
    bus: Tidings,
    source: String,
    created: Option<Timestamp>,
    selection: Selection,
    output: Output<'s>,
    replayed: Replayed,
    pace: Option<Pace>,
    skip: Option<Report<ReplayFailure>>,
}

impl Replay {
    pub(super) async fn run(mut self, mut output: Output<'_>) -> Result<Replayed, ReplayError> {
        let name = match &self.source.0 {
            Kind::Stream { name, event_type, .. } => {
                self.selection.event_types.extend(event_type.map(str::to_owned));
                (*name).to_owned()
            }
            Kind::File(path) => path.display().to_string(),
        };
        let (mut checkpoint, noted) = match self.checkpoint.take() {
            None => (None, None),
            Some(kept) => {
                let (checkpoint, noted) = Checkpoint::open(kept, &name).await?;
                (Some(checkpoint), noted)
            }
        };
        let behind = noted.as_ref().map(|noted| noted.place.sequence);
        let source: ReplaySource = self.source.clone();
        let from = checkpoint.as_ref().zip(noted.as_ref().map(|noted| &noted.place));
        let opened = Input::open(&self.bus, source, &self.selection, from, self.follow).await?;
        let Opened { mut input, last, created } = opened;
        output.open(&name, noted.and_then(|noted| noted.bytes)).await?;
        let mut work = Work {
            bus: self.bus.clone(),
            source: name,
            created,
            selection: self.selection.clone(),
            output,
            replayed: Replayed { sequence: behind.unwrap_or_default(), ..Replayed::default() },
            pace: self.per_second.map(Pace::new),
            skip: self.skip.take(),
        };
        work.selection.last = last.or(work.selection.last);

        let end = self.end.take();
        let mut end = end.unwrap_or_else(|| Box::pin(std::future::pending()));
        let (mut outcome, mut told) = (Ok(()), None);
        let mut is_over = last == Some(0);
        while !is_over && outcome.is_ok() {
            let items = tokio::select! {
                biased;
                () = &mut end => break,
                items = input.next() => items,
            };
            match items {
                Ok(items) if items.is_empty() => {
                    is_over = !input.goes_live();
                    if let Some(live) = self.live.take().filter(|_| !is_over) {
                        work.save(checkpoint.as_mut(), true).await?;
                        live();
                    }
                }
                Ok(items) => {
                    for item in items {
                        is_over |= (&mut end).now_or_never().is_some();
                        if is_over {
                            break;
                        }
                        if work.pace.is_some() {
                            // Those that were read at once take their time.
                            work.save(checkpoint.as_mut(), false).await?;
                            tell(&mut self.progress, &mut told, last, work.replayed);
                        }
                        match work.one(item).await {
                            Ok(goes_on) => is_over = !goes_on,
                            Err(failed) => {
                                outcome = Err(failed);
                                break;
                            }
                        }
                    }
                }
                Err(error) => outcome = Err(error),
            }
            let over = is_over || outcome.is_err();
            if let Some(error) = work.save(checkpoint.as_mut(), over).await.err() {
                outcome = outcome.and(Err(error));
            }
            tell(&mut self.progress, &mut told, last, work.replayed);
        }
        work.save(checkpoint.as_mut(), true).await?;
        input.close().await;
        outcome.map(|()| work.replayed)
    }
}

/// Tells how far it has come, if that is another place than was told last.
fn tell(
    report: &mut Option<Report<ReplayProgress>>,
    told: &mut Option<Replayed>,
    end: Option<u64>,
    replayed: Replayed,
) {
    if let Some(report) = report
        && told.replace(replayed) != Some(replayed)
    {
        report(&ReplayProgress { sequence: replayed.sequence, end, replayed });
    }
}

impl Work<'_> {
    /// Takes one message on its way; false where it is behind the end.
    async fn one(&mut self, Item { read, place }: Item) -> Result<bool, ReplayError> {
        let message = &read.message;
        if self.selection.is_over(message) {
            return Ok(false);
        }
        if self.selection.is_before(message) {
            self.replayed.sequence = place;
            return Ok(true);
        }
        let failure = match received(&self.bus, &read) {
            Err(error) => {
                let chain = vec![error.to_string()];
                let (sequence, reason) = (message.sequence, Reason::Undecodable);
                Some(ReplayFailure { sequence, reason, event_type: None, event_id: None, chain })
            }
            Ok(mut received) => {
                lines::strip(&mut received.envelope);
                let envelope = received.envelope;
                if !self.selection.is_meant(&envelope) {
                    self.replayed.sequence = place;
                    return Ok(true);
                }
                if let Some(pace) = &mut self.pace {
                    pace.step().await;
                }
                let (event_type, event_id) = (envelope.event_type.clone(), envelope.id.clone());
                let at =
                    Place { source: self.source.clone(), created: self.created, sequence: place };
                let data = received.data;
                match self.output.take(message, envelope, data, &self.bus, at).await {
                    Taken::Ended => return Ok(false),
                    Taken::Yes => {
                        self.replayed.events += 1;
                        None
                    }
                    Taken::No => {
                        self.replayed.passed_over += 1;
                        None
                    }
                    Taken::Failed(reason, chain) => Some(ReplayFailure {
                        sequence: message.sequence,
                        reason,
                        event_type: Some(event_type.into()),
                        event_id: Some(event_id.into()),
                        chain,
                    }),
                }
            }
        };
        if let Some(failure) = failure {
            let Some(skip) = &mut self.skip else {
                let (failure, replayed) = (Box::new(failure), self.replayed);
                return Err(ReplayError::Failed { failure, replayed });
            };
            skip(&failure);
            self.replayed.failed += 1;
        }
        self.replayed.sequence = place;
        Ok(true)
    }

    /// Writes down how far it has come, if it is time to.
    async fn save(
        &mut self,
        checkpoint: Option<&mut Checkpoint>,
        now: bool,
    ) -> Result<(), ReplayError> {
        let bytes = self.output.flush().await?;
        let sequence = self.replayed.sequence;
        if let Some(checkpoint) = checkpoint.filter(|checkpoint| now || checkpoint.is_due()) {
            let (source, created) = (self.source.clone(), self.created);
            let place = Place { source, created, sequence };
            checkpoint.write(Noted { place, bytes }).await?;
        }
        Ok(())
    }
}
