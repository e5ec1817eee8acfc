//! Somebody ends a delivery for good, without having handled the event: what a sweeper is for.

use std::path::Path;
use std::time::Duration;

use super::raw::Raw;
use crate::Outcome;
use crate::journal::{Entry, Journal};
use crate::topology::Reader;

/// How long there may be nothing to terminate.
const PATIENCE: Duration = Duration::from_secs(2);

/// The journal of what is terminated here.
pub(crate) const JOURNAL: &str = "terminations.journal";

/// Terminates the next delivery of a reader, if one comes soon.
pub(crate) async fn terminate(reader: Reader, urls: &[String], folder: &Path) -> Outcome {
    let journal = Journal::open(&folder.join(JOURNAL))?;
    for url in urls {
        // What is cut short here comes again, and where it was terminated the journal knows that it may be.
        if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, one(reader, url, &journal)).await {
            break;
        }
    }
    Ok(())
}

async fn one(reader: Reader, url: &str, journal: &Journal) -> Outcome {
    let (stream, durable) = (reader.spec().stream, reader.durables()[0]);
    let mut raw = Raw::connect(url).await?;
    let request = format!("{{\"batch\":1,\"expires\":{}}}", PATIENCE.as_nanos());
    raw.send(&format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"), b"", request.as_bytes())
        .await?;
    let message = raw.receive().await?;
    let reply = message.reply.filter(|reply| reply.starts_with("$JS.ACK."));
    let reply = reply.ok_or("there is nothing to deliver")?;
    // `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.…`
    let sequence = reply.split('.').nth(5).ok_or("a place has more parts")?.parse()?;
    journal.note(Entry::Terminated { reader, sequence });
    raw.send(&reply, b"", b"+TERM nobody wants it").await?;
    raw.receive().await.map(drop)
}
