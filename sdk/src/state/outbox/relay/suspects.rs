//! Rows of which nobody knows whether they were sent.
//!
//! A stream remembers ids for a while: within it, sending again stores nothing twice. A row that may have been sent longer
//! ago than that is looked for in the stream itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use tokio::time::timeout;

use super::flight::Landed;
use super::verdict::Verdict;
use crate::broker::{Beginning, MESSAGE_ID, Outgoing, ReaderSpec};
use crate::outbox::row::Waiting;
use crate::{BrokerError, Tidings};

/// For so long every stream remembers ids, and some seconds longer: the catalog refuses duplicate windows of less than a
/// minute. A row that is younger cannot have been sent longer ago.
pub(super) const REMEMBERED: Duration = Duration::from_secs(45);
/// How far the clocks of the database and the broker may be apart.
const SKEW: Duration = Duration::from_secs(60);
/// How long a stream may say nothing while it is read.
const SILENCE: Duration = Duration::from_secs(30);
/// With more subjects than these, the whole stream is read.
const SUBJECTS: usize = 50;

/// Looks for rows in their streams, and takes from each what is there.
pub(super) async fn look(
    bus: Tidings,
    mut rows: Vec<Waiting>,
) -> (Vec<Waiting>, Option<BrokerError>) {
    let mut streams: BTreeMap<&'static str, (BTreeSet<String>, Duration)> = BTreeMap::new();
    for row in &rows {
        for message in messages(row) {
            let (subjects, age) = streams.entry(message.stream).or_default();
            subjects.insert(message.subject.to_string());
            *age = (*age).max(row.stored.elapsed());
        }
    }
    let mut wanted: HashSet<String> =
        rows.iter().flat_map(messages).map(|message| message.message_id.clone()).collect();
    let mut found = HashSet::new();
    for (stream, (subjects, age)) in streams {
        tracing::info!(stream, ?age, "looking for events that may have been sent before");
        match read(&bus, stream, subjects, age, &mut wanted, &mut found).await {
            Ok(()) => {}
            Err(error)
                if matches!(
                    Verdict::of(&error),
                    Verdict::Away | Verdict::Over | Verdict::Silent
                ) =>
            {
                return (rows, Some(error));
            }
            Err(error) => tracing::warn!(
                stream,
                %error,
                "the stream cannot be read: events that may have been sent before are sent again"
            ),
        }
    }
    for row in &mut rows {
        row.suspect = false;
        if let Ok(messages) = &mut row.messages {
            messages.retain(|message| !found.contains(&message.message_id));
        }
    }
    (rows, None)
}

async fn read(
    bus: &Tidings,
    stream: &str,
    subjects: BTreeSet<String>,
    age: Duration,
    wanted: &mut HashSet<String>,
    found: &mut HashSet<String>,
) -> Result<(), BrokerError> {
    let now = bus.broker().time();
    let from = now.checked_sub(age + SKEW).unwrap_or(jiff::Timestamp::MIN);
    let filters = match subjects.len() {
        few if few <= SUBJECTS => subjects.into_iter().collect(),
        _ => vec![">".to_owned()],
    };
    let spec = ReaderSpec { stream: stream.to_owned(), filters, from: Beginning::Time(from) };
    let mut reader = bus.broker().reader(spec)?;
    let ended = loop {
        let read = timeout(SILENCE, reader.read(false)).await;
        match read.unwrap_or(Err(BrokerError::TimedOut(SILENCE))) {
            Ok(read) if read.is_empty() => break Ok(()),
            Ok(read) => {
                let ids = read.iter().filter_map(|read| read.message.headers.get(MESSAGE_ID));
                found.extend(ids.filter_map(|id| wanted.take(id)));
            }
            Err(error) => break Err(error),
        }
    };
    // What is not answered now ends by itself later.
    let _ = timeout(SILENCE, reader.close()).await;
    ended
}

fn messages(row: &Waiting) -> impl Iterator<Item = &Outgoing> {
    row.messages.iter().flatten()
}

/// A row all of whose messages were found.
pub(super) fn is_found(row: &Waiting) -> bool {
    row.messages.as_ref().is_ok_and(Vec::is_empty)
}

/// What was found, as if it had come back from its way.
pub(super) fn landed(row: Waiting) -> Landed {
    Landed { row, outcome: Ok(true) }
}
