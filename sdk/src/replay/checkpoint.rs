//! How far a replay has come, in a file or wherever it is kept.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::ReplayError;
use super::place::{AnyCheckpoint, Place};
use crate::broker::StreamState;
use crate::storage::file;

/// How often it is written at most.
const INTERVAL: Duration = Duration::from_millis(500);

/// What is written down.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Noted {
    /// What is done.
    #[serde(flatten)]
    pub(super) place: Place,
    /// Of the file that is written: its size then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
}

/// Where a replay writes how far it has come.
#[derive(Debug)]
pub(super) enum Kept {
    File(PathBuf),
    Own(Box<dyn AnyCheckpoint>),
}

/// The checkpoint of a replay.
#[derive(Debug)]
pub(super) struct Checkpoint {
    kept: Kept,
    written: Option<(Instant, Noted)>,
}

impl Checkpoint {
    /// What was kept, and what it says if there is something.
    pub(super) async fn open(
        mut kept: Kept,
        source: &str,
    ) -> Result<(Self, Option<Noted>), ReplayError> {
        let noted: Option<Noted> = match &mut kept {
            Kept::File(path) => match fs::read(&*path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(ReplayError::file(&*path)(error)),
                Ok(text) => match serde_json::from_slice(&text) {
                    Ok(noted) => Some(noted),
                    Err(error) => return Err(kept.refused(format!("it is none ({error})"))),
                },
            },
            Kept::Own(own) => {
                let place = own.load().await.map_err(ReplayError::Store)?;
                place.map(|place| Noted { place, bytes: None })
            }
        };
        if let Some(other) = noted.as_ref().map(|noted| &noted.place.source)
            && other != source
        {
            return Err(kept.refused(format!("it is about `{other}`, not `{source}`")));
        }
        Ok((Self { kept, written: None }, noted))
    }

    /// Whether the stream is the one that the checkpoint is about, as it was left or further on.
    pub(super) fn fits(&self, place: &Place, stream: &StreamState) -> Result<(), ReplayError> {
        let (name, done) = (&place.source, place.sequence);
        let StreamState { created, last } = stream;
        let reason = if place.created.is_some_and(|known| known != *created) {
            format!(
                "the stream `{name}` was created anew at {created}, and its sequences mean something else now"
            )
        } else if *last < done {
            format!("the stream `{name}` ends at {last}, and {done} was done: it has lost messages")
        } else {
            return Ok(());
        };
        let way_out = match &self.kept {
            Kept::File(_) => "remove the file to begin anew",
            Kept::Own(_) => "remove the place, and what was made of the events, to begin anew",
        };
        Err(self.kept.refused(format!("{reason}; {way_out}")))
    }

    /// Whether it is time to write it again.
    pub(super) fn is_due(&self) -> bool {
        self.written.as_ref().is_none_or(|(when, _)| when.elapsed() >= INTERVAL)
    }

    /// Writes it, in such a way that it is never half written.
    pub(super) async fn write(&mut self, noted: Noted) -> Result<(), ReplayError> {
        if self.written.as_ref().is_some_and(|(_, written)| *written == noted) {
            return Ok(());
        }
        match &mut self.kept {
            Kept::File(path) => {
                let text = serde_json::to_vec(&noted).map_err(io::Error::other);
                let (fresh, text) = (path.clone(), text.map_err(ReplayError::file(&*path))?);
                let replaced = tokio::task::spawn_blocking(move || {
                    file::replace(&fresh, &text, &mut fs::OpenOptions::new())
                })
                .await;
                let replaced = replaced.map_err(io::Error::other).and_then(|replaced| replaced);
                replaced.map_err(ReplayError::file(&*path))?;
            }
            Kept::Own(own) => own.save(&noted.place).await.map_err(ReplayError::Store)?,
        }
        self.written = Some((Instant::now(), noted));
        Ok(())
    }
}

impl Kept {
    fn refused(&self, reason: String) -> ReplayError {
        match self {
            Self::File(path) => ReplayError::Checkpoint { path: path.clone(), reason },
            Self::Own(_) => ReplayError::Place { reason },
        }
    }
}
