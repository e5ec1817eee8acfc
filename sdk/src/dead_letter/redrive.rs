use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;

use super::{DeadLetter, DeadLetters, header};
use crate::broker::{Outgoing, StoredMessage};
use crate::message::headers::Headers;
use crate::message::text::Text;
use crate::publisher::transmit;
use crate::resilience::pace::Pace;
use crate::{BrokerError, PublishError};

type Progress = Box<dyn FnMut(&Redriven) + Send>;

/// Hands dead letters to the subscription that failed, and to no other: nothing is added to the events' own stream.
///
/// Set it up, then `.await` it. Each is stored for its subscription, with its original content and event id, before it is
/// removed from the dead letters; if its handler fails again, it comes back as a new one. Those that become dead
/// letters meanwhile are left for the next time.
///
/// ```
/// # use std::num::NonZeroU32;
/// # async fn repair(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// let redriven = bus
///     .dead_letters(&event_catalog::CATALOG)
///     .of_type("orders.order.created")
///     .redrive()
///     .per_second(NonZeroU32::new(50).expect("not zero"))
///     .await?;
/// println!("{} events are handled again", redriven.count);
/// # Ok(())
/// # }
/// ```
///
/// Carefully, first a few and without doing it:
///
/// ```no_run
/// # async fn example(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// let letters = || bus.dead_letters(&event_catalog::CATALOG);
/// let would = letters().redrive().dry_run().await?;
/// println!("{} would be handed over", would.count);
/// let some = letters().redrive().limit(10).until(tidings::shutdown_signal());
/// some.on_progress(|redriven| println!("{} of {}", redriven.count, redriven.found)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is redriven before this is awaited"]
pub struct Redrive {
    letters: DeadLetters,
    per_second: Option<NonZeroU32>,
    limit: Option<u64>,
    dry_run: bool,
    end: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    progress: Option<Progress>,
}

/// What a [`Redrive`] came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redriven {
    /// Dead letters that were handed to their subscriptions, or would have been in a dry run.
    pub count: u64,
    /// Dead letters without a payload whose message is gone: nothing can be handed over, and they stay where they are.
    pub left: u64,
    /// Dead letters that were found at the beginning.
    pub found: u64,
}

/// A dead letter could not be redriven; it is still there, and so are those after it.
#[derive(Debug, thiserror::Error)]
#[error("the dead letter {sequence} could not be redriven, after {} that were", redriven.count)]
pub struct RedriveError {
    /// Its place in the stream of dead letters; 0 where none could be read.
    pub sequence: u64,
    /// What was done before.
    pub redriven: Redriven,
    /// Why.
    #[source]
    pub source: PublishError,
}

impl Redrive {
    pub(super) fn new(letters: DeadLetters) -> Self {
        Self { letters, per_second: None, limit: None, dry_run: false, end: None, progress: None }
    }

    /// No more than so many a second; as fast as it goes by default.
    pub fn per_second(mut self, count: NonZeroU32) -> Self {
        self.per_second = Some(count);
        self
    }

    /// No more than so many, the oldest first.
    pub fn limit(mut self, count: u64) -> Self {
        self.limit = Some(count);
        self
    }

    /// Only counts.
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Ends in good order once `end` is ready: with the dead letter that is being moved.
    pub fn until<F>(mut self, end: F) -> Self
    where
        F: Future + Send + 'static,
    {
        self.end = Some(Box::pin(async move {
            end.await;
        }));
        self
    }

    /// Tells how far it has come: once when all are found, and after each that was moved.
    pub fn on_progress(mut self, report: impl FnMut(&Redriven) + Send + 'static) -> Self {
        self.progress = Some(Box::new(report));
        self
    }

    async fn run(self) -> Result<Redriven, RedriveError> {
        let Self { mut letters, per_second, limit, dry_run, end, progress } = self;
        let mut end = end.unwrap_or_else(|| Box::pin(std::future::pending()));
        let mut report = progress.unwrap_or_else(|| Box::new(|_| {}));
        let mut redriven = Redriven::default();
        let stuck = |sequence, redriven, source| RedriveError { sequence, redriven, source };
        // Settled first: what fails again while this runs is not redriven again.
        let mut all = Vec::new();
        loop {
            let letter = tokio::select! {
                biased;
                () = &mut end => return Ok(redriven),
                letter = letters.next() => letter,
            };
            let letter = letter.map_err(|error| stuck(0, redriven, refused(error)))?;
            let Some(letter) = letter else { break };
            all.push(letter.sequence);
            if limit.is_some_and(|limit| all.len() as u64 >= limit) {
                break;
            }
        }
        redriven.found = all.len() as u64;
        report(&redriven);
        if dry_run {
            redriven.count = all.len() as u64;
            return Ok(redriven);
        }
        let mut pace = per_second.map(Pace::new);
        for sequence in all {
            let step = async {
                if let Some(pace) = &mut pace {
                    pace.step().await;
                }
            };
            tokio::select! {
                biased;
                () = &mut end => break,
                () = step => {}
            }
            let moved = one(&letters, sequence).await;
            match moved.map_err(|source| stuck(sequence, redriven, source))? {
                Moved::Yes => redriven.count += 1,
                Moved::Nothing => redriven.left += 1,
                Moved::Gone => {}
            }
            report(&redriven);
        }
        Ok(redriven)
    }
}

impl fmt::Debug for Redrive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redrive")
            .field("letters", &self.letters)
            .field("per_second", &self.per_second)
            .field("limit", &self.limit)
            .field("dry_run", &self.dry_run)
            .finish_non_exhaustive()
    }
}

impl IntoFuture for Redrive {
    type Output = Result<Redriven, RedriveError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// What became of a dead letter.
enum Moved {
    Yes,
    /// There is nothing of it to hand over.
    Nothing,
    /// Somebody else has moved or removed it.
    Gone,
}

/// Moves one dead letter, if it is still there.
async fn one(letters: &DeadLetters, sequence: u64) -> Result<Moved, PublishError> {
    let DeadLetters { bus, spec, .. } = letters;
    let Some(letter) = letters.show(sequence).await.map_err(refused)? else {
        return Ok(Moved::Gone);
    };
    let payload = if letter.payload_missing {
        let Some(payload) = original(letters, &letter).await.map_err(refused)? else {
            tracing::warn!(sequence, "a dead letter without payload; its message is gone");
            return Ok(Moved::Nothing);
        };
        payload
    } else {
        letter.payload.clone()
    };
    let rest = letter.subject.strip_prefix(spec.subject).unwrap_or(&letter.subject);
    let message = Outgoing {
        subject: format!("{}{rest}", spec.redrive_subject).into(),
        headers: headers(&letter),
        payload,
        // Whoever runs this again after a crash stores it once.
        message_id: format!("redrive:{}:{sequence}", spec.stream),
        stream: spec.stream,
        expected_last_subject_sequence: None,
        expected_filter: None,
        claim_check_above: None,
        is_new: false,
    };
    transmit(bus, "dead letter", message).await?;
    bus.broker().remove_message(spec.stream, sequence).await.map_err(refused)?;
    Ok(Moved::Yes)
}

/// The payload of a dead letter that has none, if it is still in its own stream.
async fn original(
    letters: &DeadLetters,
    letter: &DeadLetter,
) -> Result<Option<bytes::Bytes>, BrokerError> {
    let (stream, sequence) = (letter.source_stream.as_str(), letter.source_sequence);
    let found = letters.bus.broker().next_message(stream, ">", sequence).await?;
    Ok(found.filter(|message| message.sequence == sequence).map(|message| message.payload))
}

/// The original headers, and where the event stands in its own stream.
fn headers(letter: &DeadLetter) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in letter.headers.iter() {
        if !header::is_own(name) && !header::is_of_server(name) {
            let _ = headers.insert(name.to_owned(), value);
        }
    }
    for (name, value) in [
        (header::REDRIVE_SUBJECT, &letter.source_subject),
        (header::REDRIVE_SEQUENCE, &letter.source_sequence.to_string()),
    ] {
        let _ = headers.insert(name, value.as_str());
    }
    headers
}

fn refused(source: BrokerError) -> PublishError {
    PublishError::Rejected { event_type: "dead letter", source }
}

/// A redriven message as its subscription first saw it.
pub(crate) fn restore(message: StoredMessage) -> StoredMessage {
    let subject = message.headers.get(header::REDRIVE_SUBJECT).map(Text::from);
    let sequence = message.headers.get(header::REDRIVE_SEQUENCE).and_then(|text| text.parse().ok());
    let mut headers = Headers::new();
    for (name, value) in message.headers.iter().filter(|(name, _)| !header::is_own(name)) {
        headers.push_received(name.to_owned(), value.to_owned());
    }
    StoredMessage {
        subject: subject.unwrap_or(message.subject),
        sequence: sequence.unwrap_or(message.sequence),
        headers,
        ..message
    }
}
