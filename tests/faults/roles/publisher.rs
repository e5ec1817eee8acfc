//! Publishes the events of some parcels, one after the other in each, and goes on where the process before it died.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::PublishError;
use tidings_tests::catalog::courier;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior};

use super::Place;
use super::crash::{Crash, Step, reached};
use crate::Outcome;
use crate::events::{EventId, Mix, PARCELS};
use crate::journal::{self, Entry, Journal};

/// Pause after a refusal, which lasts for a while.
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Publishing {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) journal: PathBuf,
    pub(crate) mix: Mix,
    /// Events of each parcel.
    pub(crate) steps: u64,
    /// Time between two events.
    pub(crate) pace: Duration,
    pub(crate) crash: Option<Crash>,
}

struct Publisher {
    publisher: courier::Publisher,
    journal: Journal,
    mix: Mix,
    pace: Mutex<Interval>,
    crash: Option<Crash>,
}

/// Where a parcel's publisher goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Progress {
    next: u64,
    /// The former process did not learn what became of this one.
    open: bool,
}

/// Publishes until every event is stored, or given up.
pub(crate) async fn run(publishing: Publishing) -> Outcome {
    let Publishing { name, place, journal, mix, steps, pace, crash } = publishing;
    let bus = place.connect().await;
    let mut progress = progress(&journal)?;
    let mut pace = tokio::time::interval(pace.max(Duration::from_micros(1)));
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let publisher = Arc::new(Publisher {
        publisher: courier::Publisher::new(&bus).organization("acme"),
        journal: Journal::open(&journal)?,
        mix,
        pace: Mutex::new(pace),
        crash,
    });
    let mut parcels = JoinSet::new();
    for parcel in 0..PARCELS {
        let parcel = format!("{name}-{parcel}");
        let progress = progress.remove(&parcel).unwrap_or_default();
        let publisher = Arc::clone(&publisher);
        parcels.spawn(async move { publisher.publish_parcel(&parcel, progress, steps).await });
    }
    while let Some(ended) = parcels.join_next().await {
        ended??;
    }
    bus.close().await?;
    Ok(())
}

impl Publisher {
    async fn publish_parcel(&self, parcel: &str, progress: Progress, steps: u64) -> Outcome {
        for step in progress.next..steps {
            let id = EventId { parcel: parcel.to_owned(), step };
            let was_open = progress.open && step == progress.next;
            if !was_open || self.mix.insists(&id) {
                self.pace.lock().await.tick().await;
                self.publish(&id).await?;
            }
        }
        Ok(())
    }

    /// Publishes an event until it is known what became of it, or once, if it does not insist.
    async fn publish(&self, event: &EventId) -> Outcome {
        let id = event.to_string();
        loop {
            self.journal.note(Entry::Begun { id: id.clone() });
            self.reached(Step::Begun);
            let sent = match event.is_of_pallet() {
                true => self.publisher.pallet_moved(event.pallet_moved()).id(&id).enqueue().await,
                false => self.publisher.parcel_sent(event.parcel_sent()).id(&id).enqueue().await,
            };
            self.reached(Step::Sent);
            let stored = match sent {
                Ok(receipt) => receipt.await,
                Err(error) => Err(error),
            };
            match stored {
                Ok(_) => {
                    self.reached(Step::Stored);
                    self.journal.note(Entry::Stored { id });
                    return Ok(());
                }
                Err(PublishError::Rejected { source, .. }) => {
                    eprintln!("{id} was refused: {source}");
                    self.journal.note(Entry::Refused { id: id.clone() });
                }
                Err(error) if error.is_unknown() => {
                    eprintln!("{id} is unknown: {error}");
                    self.journal.note(Entry::Unknown { id: id.clone() });
                }
                Err(error) => return Err(error.into()),
            }
            if !self.mix.insists(event) {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn reached(&self, step: Step) {
        reached(self.crash.as_ref(), step);
    }
}

/// How far the processes before this one came, by parcel.
fn progress(journal: &std::path::Path) -> Outcome<HashMap<String, Progress>> {
    let mut all: HashMap<String, Progress> = HashMap::new();
    for line in journal::read(journal)? {
        let (id, open) = match line.1 {
            Entry::Begun { id } => (id, true),
            Entry::Stored { id } | Entry::Unknown { id } | Entry::Refused { id } => (id, false),
            _ => continue,
        };
        let id: EventId = id.parse().map_err(|()| format!("{id} is not an event of a run"))?;
        let next = if open { id.step } else { id.step + 1 };
        all.insert(id.parcel, Progress { next, open });
    }
    Ok(all)
}
