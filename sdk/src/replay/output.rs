//! Where the events go.

use std::mem;
use std::path::PathBuf;

use serde_json::value::RawValue;

use super::ReplayError;
use super::each::{Arrival, Coming, Sink};
use super::handling::{Handling, Taken};
use super::input::blocking;
use super::lines::{self, Writer};
use super::place::Place;
use crate::broker::StoredMessage;
use crate::message::claim;
use crate::message::envelope::{Data, Envelope};
use crate::{Reason, Tidings};

/// A handler or a file.
pub(super) enum Output<'s> {
    Handler(Handling),
    Sink(Box<dyn Sink + 's>),
    File { path: PathBuf, lines: Option<Lines> },
}

/// A file that is written, and what is not in it yet.
pub(super) struct Lines {
    stream: String,
    writer: Option<Writer>,
    buffer: Vec<u8>,
}

impl Output<'_> {
    /// Begins, or goes on where a checkpoint says.
    pub(super) async fn open(
        &mut self,
        source: &str,
        bytes: Option<u64>,
    ) -> Result<(), ReplayError> {
        let Self::File { path, lines } = self else { return Ok(()) };
        let open = path.clone();
        let writer = blocking(move || Writer::open(&open, bytes)).await;
        let writer = writer.map_err(ReplayError::file(&*path))?;
        let stream = source.to_owned();
        *lines = Some(Lines { stream, writer: Some(writer), buffer: Vec::new() });
        Ok(())
    }

    /// Gives it an event.
    pub(super) async fn take(
        &mut self,
        message: &StoredMessage,
        envelope: Envelope,
        data: Data<'_>,
        bus: &Tidings,
        place: Place,
    ) -> Taken {
        match self {
            Self::Handler(handling) => handling.take(message, envelope, data, &place.source).await,
            Self::Sink(sink) => {
                let (subject, stored) = (message.subject.to_string(), message.time);
                let arrival = Arrival { place, subject, stored, envelope };
                sink.take(Coming { bus, arrival, data }).await
            }
            Self::File { lines: None, .. } => Taken::No,
            Self::File { lines: Some(lines), .. } => {
                // A file outlives what a message refers to, and keeps what is encrypted as it is.
                let data = match claim::resolve(bus, &place.source, &data).await {
                    Ok(data) => data,
                    Err(error) => return Taken::shut(error.into()),
                };
                let written = serde_json::from_str::<&RawValue>(&data).and_then(|_| {
                    let buffer = &mut lines.buffer;
                    lines::append(buffer, &lines.stream, message, &envelope, &data)
                });
                match written {
                    Ok(()) => Taken::Yes,
                    Err(error) => {
                        let words = format!("the payload is not JSON: {error}");
                        Taken::Failed(Reason::Undecodable, vec![words])
                    }
                }
            }
        }
    }

    /// Writes what is not written yet; returns the file's size.
    pub(super) async fn flush(&mut self) -> Result<Option<u64>, ReplayError> {
        let Self::File { path, lines: Some(lines) } = self else { return Ok(None) };
        let Some(mut writer) = lines.writer.take() else { return Ok(None) };
        let buffer = mem::take(&mut lines.buffer);
        let written = blocking(move || writer.write(&buffer).map(|()| writer)).await;
        let writer = written.map_err(ReplayError::file(&*path))?;
        let bytes = writer.bytes;
        lines.writer = Some(writer);
        Ok(Some(bytes))
    }
}
