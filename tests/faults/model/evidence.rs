//! What the journals, the stream and the dead letters say, put together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use tidings::DeadLetter;

use crate::Outcome;
use crate::director::Witness;
use crate::events::EventId;
use crate::journal::{self, Entry, Line};
use crate::topology::{self, Reader};

/// All that is known after a run.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// By id: what its publishers know of an event.
    pub(crate) publications: BTreeMap<String, Publication>,
    /// By its stream and its place there: the id of a stored message.
    pub(crate) stored: BTreeMap<(&'static str, u64), String>,
    /// The deliveries, by sequence, that somebody has terminated, or was about to.
    pub(crate) terminated: HashSet<(Reader, u64)>,
    /// What handlers know of an event.
    pub(crate) handlings: HashMap<(Reader, String), Handling>,
    /// The journal of each process that has handled, by its file's name.
    pub(crate) instances: Vec<(String, Vec<Line>)>,
    pub(crate) letters: Vec<DeadLetter>,
    /// When everything was lost last, and what was acknowledged until then with it.
    pub(crate) wiped_at: u64,
    /// When the stream's word came for an event, in order, in microseconds.
    pub(crate) words: Vec<u64>,
}

/// What is known of the publishing of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Publication {
    /// How often it was begun, each time until there is a word or the process died.
    pub(crate) begun: u32,
    pub(crate) stored: bool,
    pub(crate) refused: u32,
    pub(crate) unknown: u32,
    /// When it was begun first, and when its word came.
    pub(crate) begun_at: u64,
    pub(crate) stored_at: Option<u64>,
}

/// What is known of the handling of an event by a subscription.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Handling {
    pub(crate) received: u32,
    pub(crate) first_received: u64,
    pub(crate) highest_attempt: u64,
    /// When it was handled first.
    pub(crate) handled: Option<u64>,
    /// When a handler failed with it for good, first.
    pub(crate) given_up: Option<u64>,
}

impl Evidence {
    /// Reads what a run has left in its folder and on its servers.
    pub(crate) async fn gather(folder: &Path, witness: &Witness) -> Outcome<Self> {
        let mut evidence = Self { stored: witness.stored().await?, ..Self::default() };
        for file in std::fs::read_dir(folder)? {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.ends_with(".journal") {
                continue;
            }
            let lines = journal::read(&path)?;
            if name.starts_with("handler-") {
                lines.iter().for_each(|line| evidence.count_handling(line));
                evidence.instances.push((name.to_owned(), lines));
            } else {
                lines.iter().for_each(|line| evidence.count_publication(line));
            }
        }
        evidence.words.sort_unstable();
        let bus = witness.bus().await?;
        evidence.letters = bus.dead_letters(&topology::catalog(1)).all().await?;
        Ok(evidence)
    }

    pub(super) fn count_publication(&mut self, Line(at, entry): &Line) {
        match entry {
            Entry::Begun { id } => {
                let publication = self.publication(id);
                publication.begun += 1;
                if publication.begun == 1 {
                    publication.begun_at = *at;
                }
            }
            Entry::Stored { id } => {
                let publication = self.publication(id);
                publication.stored = true;
                publication.stored_at.get_or_insert(*at);
                self.words.push(*at);
            }
            Entry::Unknown { id } => self.publication(id).unknown += 1,
            Entry::Refused { id } => self.publication(id).refused += 1,
            Entry::Wiped => self.wiped_at = self.wiped_at.max(*at),
            Entry::Terminated { reader, sequence } => {
                self.terminated.insert((*reader, *sequence));
            }
            Entry::Received { .. } | Entry::Handled { .. } | Entry::Failed { .. } => {}
        }
    }

    pub(super) fn count_handling(&mut self, Line(at, entry): &Line) {
        let at = *at;
        let earliest = |known: &mut Option<u64>| *known = Some(known.map_or(at, |was| was.min(at)));
        match entry {
            Entry::Received { reader, id, attempt, .. } => {
                let handling = self.handling(*reader, id);
                handling.received += 1;
                handling.highest_attempt = handling.highest_attempt.max(*attempt);
                if handling.received == 1 || at < handling.first_received {
                    handling.first_received = at;
                }
            }
            Entry::Handled { reader, id } => earliest(&mut self.handling(*reader, id).handled),
            Entry::Failed { reader, id, last: true } => {
                earliest(&mut self.handling(*reader, id).given_up);
            }
            _ => {}
        }
    }

    fn publication(&mut self, id: &str) -> &mut Publication {
        self.publications.entry(id.to_owned()).or_default()
    }

    fn handling(&mut self, reader: Reader, id: &str) -> &mut Handling {
        self.handlings.entry((reader, id.to_owned())).or_default()
    }

    /// The stored events of a run by key, each in the order of the stream.
    pub(crate) fn by_key(&self) -> BTreeMap<String, Vec<EventId>> {
        let mut keys: BTreeMap<String, Vec<EventId>> = BTreeMap::new();
        for id in self.stored.values().filter_map(|id| id.parse::<EventId>().ok()) {
            keys.entry(id.parcel.clone()).or_default().push(id);
        }
        keys
    }
}
