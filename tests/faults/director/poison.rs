//! Stores messages that no client library would send.

use std::path::Path;
use std::time::{Duration, Instant};

use super::raw::Raw;
use crate::Outcome;
use crate::journal::{Entry, Journal};
use crate::schedule::Poison;
use crate::topology::SUBJECT;

/// How long one server may take for its answer, and how long all may be asked.
const ANSWER: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);

/// The journal of what is stored here.
pub(crate) const JOURNAL: &str = "poison.journal";

/// Stores one message, once.
pub(crate) async fn store(kind: Poison, number: u64, urls: &[String], folder: &Path) -> Outcome {
    let id = format!("poison-{number}");
    let journal = Journal::open(&folder.join(JOURNAL))?;
    journal.note(Entry::Begun { id: id.clone() });
    let begun = Instant::now();
    for url in urls.iter().cycle() {
        match tokio::time::timeout(ANSWER, publish(url, kind, &id)).await {
            Ok(Ok(())) => {
                journal.note(Entry::Stored { id });
                return Ok(());
            }
            Ok(Err(error)) if begun.elapsed() > PATIENCE => return Err(error),
            Err(_) if begun.elapsed() > PATIENCE => break,
            Ok(Err(_)) | Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    Err(format!("{id} could not be stored within {PATIENCE:?}").into())
}

async fn publish(url: &str, kind: Poison, id: &str) -> Outcome {
    let mut headers = format!("NATS/1.0\r\nNats-Msg-Id: {id}\r\n").into_bytes();
    headers.extend_from_slice(match kind {
        Poison::Undecodable => b"",
        Poison::CarriageReturn => b"x-note: a\rb\r\n",
        Poison::NotUtf8 => b"x-note: \xff\xfe\r\n",
        Poison::NoColon => b"x-note\r\n",
    });
    headers.extend_from_slice(b"\r\n");
    let mut raw = Raw::connect(url).await?;
    raw.send(SUBJECT, &headers, b"no event").await?;
    let answer = String::from_utf8(raw.receive().await?.content)?;
    // A duplicate is as good.
    let is_stored = answer.contains("\"seq\"") && !answer.contains("\"error\"");
    if is_stored { Ok(()) } else { Err(answer.into()) }
}
