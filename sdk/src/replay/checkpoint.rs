//! How far a replay has come, in a file.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::ReplayError;
use crate::broker::StreamState;

/// How often it is written at most.
const INTERVAL: Duration = Duration::from_millis(500);

/// What the file says.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Place {
    /// The stream's name, or the file's path.
    pub(super) source: String,
    /// When the stream was created: one of the same name that is created anew counts from 1 again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) created: Option<Timestamp>,
    /// The last sequence, or line, that is done.
    pub(super) sequence: u64,
    /// Of the file that is written: its size then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
}

/// The checkpoint of a replay.
#[derive(Debug)]
pub(super) struct Checkpoint {
    path: PathBuf,
    written: Option<(Instant, Place)>,
}

impl Checkpoint {
    /// The file at this path, and what it says if it exists.
    pub(super) fn open(path: PathBuf, source: &str) -> Result<(Self, Option<Place>), ReplayError> {
        let place = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(ReplayError::file(&path)(error)),
            Ok(text) => {
                let refused =
                    |reason: String| ReplayError::Checkpoint { path: path.clone(), reason };
                let place: Place = serde_json::from_slice(&text)
                    .map_err(|error| refused(format!("it is none ({error})")))?;
                if place.source != source {
                    let other = &place.source;
                    return Err(refused(format!("it is about `{other}`, not `{source}`")));
                }
                Some(place)
            }
        };
        Ok((Self { path, written: None }, place))
    }

    /// Whether the stream is the one that the file is about, as it was left or further on.
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
        let reason = format!("{reason}; remove the file to begin anew");
        Err(ReplayError::Checkpoint { path: self.path.clone(), reason })
    }

    /// Whether it is time to write it again.
    pub(super) fn is_due(&self) -> bool {
        self.written.as_ref().is_none_or(|(when, _)| when.elapsed() >= INTERVAL)
    }

    /// Replaces the file as a whole, so that it is never half written.
    pub(super) async fn write(&mut self, place: Place) -> Result<(), ReplayError> {
        if self.written.as_ref().is_some_and(|(_, written)| *written == place) {
            return Ok(());
        }
        let text = serde_json::to_vec(&place).map_err(io::Error::other);
        let (path, text) = (self.path.clone(), text.map_err(ReplayError::file(&self.path))?);
        let replaced = tokio::task::spawn_blocking(move || replace(&path, &text)).await;
        let replaced = replaced.map_err(io::Error::other).and_then(|replaced| replaced);
        replaced.map_err(ReplayError::file(&self.path))?;
        self.written = Some((Instant::now(), place));
        Ok(())
    }
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    let mut file = fs::File::create(&fresh)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(fresh, path)
}
