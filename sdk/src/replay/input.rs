//! Where the messages come from.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;

use super::checkpoint::Checkpoint;
use super::place::Place;
use super::select::Selection;
use super::source::Kind;
use super::{ReplayError, ReplaySource, lines};
use crate::broker::{Beginning, Pattern, Read, Reader, ReaderSpec};
use crate::{Tidings, resilience::retry};

/// A message, and what a checkpoint behind it says.
pub(super) struct Item {
    pub(super) read: Read,
    pub(super) place: u64,
}

/// What is known of a source when it is opened.
pub(super) struct Opened {
    pub(super) input: Input,
    /// Where it ends, where that is known.
    pub(super) last: Option<u64>,
    /// When the stream was created.
    pub(super) created: Option<Timestamp>,
}

/// The messages of a source, in its order.
pub(super) enum Input {
    Stream { reader: Reader, follow: bool, live: bool },
    File { path: PathBuf, reader: Option<lines::Reader>, subject: Option<Pattern> },
}

impl Input {
    /// Opens a source behind the place of a checkpoint, if there is one that fits.
    pub(super) async fn open(
        bus: &Tidings,
        source: ReplaySource,
        selection: &Selection,
        from: Option<(&Checkpoint, &Place)>,
        follow: bool,
    ) -> Result<Opened, ReplayError> {
        let subject = selection.pattern()?;
        let behind = from.map(|(_, place)| place.sequence);
        match source.0 {
            Kind::File(path) => {
                let (open, behind) = (path.clone(), behind.unwrap_or_default());
                let reader = blocking(move || lines::Reader::open(&open, behind)).await;
                let reader = reader.map_err(ReplayError::file(&path))?;
                let input = Self::File { path, reader: Some(reader), subject };
                Ok(Opened { input, last: None, created: None })
            }
            Kind::Stream { name, filters, .. } => {
                let filters = match &subject {
                    None => filters,
                    Some(subject) => narrowed(&filters, subject)?,
                };
                let state = retry::reaching(|| bus.broker().stream_state(name)).await?;
                if let Some((checkpoint, place)) = from {
                    checkpoint.fits(place, &state)?;
                }
                let last = match follow {
                    true => selection.last,
                    false => Some(state.last.min(selection.last.unwrap_or(u64::MAX))),
                };
                let first = behind.map(|behind| behind + 1).max(selection.first);
                let from = match (selection.since, first) {
                    (Some(time), None) => Beginning::Time(time),
                    (_, first) => Beginning::Sequence(first.unwrap_or(1)),
                };
                let spec = ReaderSpec { stream: name.to_owned(), filters, from };
                let reader = bus.broker().reader(spec)?;
                let input = Self::Stream { reader, follow, live: false };
                Ok(Opened { input, last, created: Some(state.created) })
            }
        }
    }

    /// The next messages; none at the end.
    pub(super) async fn next(&mut self) -> Result<Vec<Item>, ReplayError> {
        match self {
            Self::Stream { reader, live, .. } => {
                let items = reader.read(*live).await?.into_iter();
                Ok(items.map(|read| Item { place: read.message.sequence, read }).collect())
            }
            Self::File { path, reader, subject } => loop {
                let Some(mut lines) = reader.take() else { return Ok(Vec::new()) };
                let read = blocking(move || lines.read().map(|read| (read, lines))).await;
                let (read, lines) = read.map_err(ReplayError::file(&*path))?;
                if read.is_empty() {
                    return Ok(Vec::new());
                }
                *reader = Some(lines);
                let meant = read.into_iter().filter(|(_, message)| {
                    subject.as_ref().is_none_or(|pattern| pattern.matches(&message.subject))
                });
                let items: Vec<Item> = meant
                    .map(|(place, message)| Item { place, read: Read { message, malformed: None } })
                    .collect();
                if !items.is_empty() {
                    return Ok(items);
                }
            },
        }
    }

    /// Whether there may be more where there is nothing now: it is live from then on, and waits for it.
    pub(super) fn goes_live(&mut self) -> bool {
        match self {
            Self::Stream { follow, live, .. } if *follow && !*live => {
                *live = true;
                true
            }
            _ => false,
        }
    }

    pub(super) async fn close(self) {
        if let Self::Stream { reader, .. } = self {
            reader.close().await;
        }
    }
}

/// What is both on these subjects and on that one.
fn narrowed(filters: &[String], subject: &Pattern) -> Result<Vec<String>, ReplayError> {
    let own = filters.iter().filter_map(|filter| Pattern::parse(filter));
    let both: Vec<String> = own
        .filter_map(|own| own.intersection(subject))
        .map(|pattern| pattern.as_str().to_owned())
        .collect();
    if both.is_empty() {
        let (filter, subjects) = (subject.as_str().to_owned(), filters.to_vec());
        return Err(ReplayError::Elsewhere { filter, subjects });
    }
    Ok(both)
}

/// Does something with files, away from the tasks.
pub(super) async fn blocking<T, F>(work: F) -> io::Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> io::Result<T> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
