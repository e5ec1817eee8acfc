//! Reading a stream in its order, apart from every consumer.

use tokio::task::coop::consume_budget;

use super::Embedded;
use super::pull::sleep_until_or_forever;
use crate::broker::pattern::Pattern;
use crate::broker::{Beginning, BrokerError, Read, ReaderSpec};

/// Messages handed over at once.
const CHUNK: usize = 256;

/// A stream's messages, from a place on.
#[derive(Debug)]
pub(crate) struct Reader {
    broker: Embedded,
    stream: String,
    filters: Vec<Pattern>,
    from: Beginning,
}

impl Reader {
    pub(super) fn new(broker: Embedded, spec: &ReaderSpec, filters: Vec<Pattern>) -> Self {
        Self { broker, stream: spec.stream.clone(), filters, from: spec.from }
    }

    pub(in crate::broker) async fn read(&mut self, wait: bool) -> Result<Vec<Read>, BrokerError> {
        consume_budget().await;
        loop {
            let Self { broker, stream, filters, from } = &mut *self;
            match broker.reach().await {
                Ok(()) => {}
                Err(error) if error.is_unreachable() => continue,
                Err(error) => return Err(error),
            }
            let (found, next, arrival, due) = broker.with_stream(stream, |stream, _| {
                let log = stream.log();
                let first = match *from {
                    Beginning::Sequence(sequence) => sequence,
                    Beginning::Time(_) => 0,
                };
                let meant = log.from(first).filter(|message| {
                    let late = match *from {
                        Beginning::Sequence(_) => true,
                        Beginning::Time(time) => message.time >= time,
                    };
                    late && filters.iter().any(|filter| filter.matches(&message.subject))
                });
                let found: Vec<Read> = meant
                    .take(CHUNK)
                    .map(|message| Read { message: message.clone(), malformed: None })
                    .collect();
                let last = found.last().map(|read| read.message.sequence + 1);
                let next = last.unwrap_or_else(|| log.next_sequence().max(first));
                Ok((found, next, stream.arrival(), stream.scheduled()))
            })?;
            if !matches!(from, Beginning::Time(_)) || !found.is_empty() {
                *from = Beginning::Sequence(next);
            }
            if !found.is_empty() || !wait {
                return Ok(found);
            }
            tokio::select! {
                () = arrival => {}
                () = sleep_until_or_forever(due) => {}
            }
        }
    }

    pub(in crate::broker) async fn close(self) {}
}
