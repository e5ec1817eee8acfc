//! What this program does when the director starts it again: it connects, says so, works when it is told to, and says what it did.

use std::collections::VecDeque;
use std::io::{BufRead as _, stdin};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tidings::{Config, Handled, Tidings, Timestamp};
use tidings_tests::busy::Busy;
use tidings_tests::catalog::pallets::PalletMoved;
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::{courier, tracking};
use tidings_tests::process::Process;
use tokio::sync::mpsc;

use crate::{Outcome, topology};

/// Events of one process that wait for their receipts: as many as the runtime allows.
const WINDOW: usize = 1024;
/// From which on every step has as many digits, so that all bodies have one size.
const FIRST_STEP: u64 = 100_000;
/// Keys of the events.
const KEYS: u64 = 1_000;

/// An actor's part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) place: Place,
    pub(crate) goods: Goods,
    pub(crate) part: Part,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Part {
    /// So many events.
    Publish(u64),
    /// Everything, until the next word.
    Handle,
}

/// What the events are about.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Goods {
    Parcels,
    /// In the first partitions only.
    Pallets {
        partitions: u16,
    },
}

/// Where the stream is: streams of one name lie under prefixes of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) urls: String,
    pub(crate) prefix: String,
}

/// What an actor did.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Work {
    pub(crate) events: u64,
    /// The first and the last one, in microseconds since 1970.
    pub(crate) began: i64,
    pub(crate) ended: i64,
    /// CPU time, in microseconds.
    pub(crate) cpu: f64,
}

impl Place {
    pub(crate) async fn connect(&self) -> Outcome<Tidings> {
        let config = Config::new(&self.urls).prefix(self.prefix.parse()?);
        Ok(Tidings::connect(config).await?)
    }
}

impl Role {
    /// Plays it; the words stand on lines of the standard input, and its end is one too.
    pub(crate) async fn play(self) -> Outcome {
        let (word, mut words) = mpsc::channel::<()>(2);
        std::thread::spawn(move || {
            for line in stdin().lock().lines() {
                if line.is_err() || word.blocking_send(()).is_err() {
                    return;
                }
            }
        });
        let bus = self.place.connect().await?;
        println!("ready");
        words.recv().await.ok_or("the director is gone")?;
        let before = Process::Own.used().unwrap_or_default();
        let mut work = match self.part {
            // On a thread of the runtime, as a service's work is: that of `main` would have to be woken up for each answer.
            Part::Publish(events) => {
                tokio::spawn(publish(bus.clone(), self.goods, events)).await??
            }
            Part::Handle => handle(&bus, self.goods, words).await?,
        };
        let after = Process::Own.used().unwrap_or_default();
        work.cpu = after.saturating_sub(before).as_secs_f64() * 1e6;
        println!("{}", serde_json::to_string(&work)?);
        bus.close().await?;
        Ok(())
    }
}

async fn publish(bus: Tidings, goods: Goods, events: u64) -> Outcome<Work> {
    let publisher = courier::Publisher::new(&bus).organization("acme");
    let began = Timestamp::now().as_microsecond();
    let mut receipts = VecDeque::with_capacity(WINDOW);
    let keys = keys(goods);
    for (event, key) in (0..events).zip(keys.iter().cycle()) {
        if receipts.len() == WINDOW
            && let Some(receipt) = receipts.pop_front()
        {
            receipt.await?;
        }
        let (key, step) = (key.clone(), FIRST_STEP + event);
        let receipt = match goods {
            Goods::Parcels => {
                publisher.parcel_sent(ParcelSent { parcel_id: key, step }).enqueue().await
            }
            Goods::Pallets { .. } => {
                publisher.pallet_moved(PalletMoved { pallet_id: key, step }).enqueue().await
            }
        };
        receipts.push_back(receipt?);
    }
    for receipt in receipts {
        receipt.await?;
    }
    Ok(Work { events, began, ended: Timestamp::now().as_microsecond(), cpu: 0.0 })
}

fn keys(goods: Goods) -> Vec<String> {
    let mut keys: Vec<_> = (0..KEYS).map(|key| format!("p-{key:04}")).collect();
    if let Goods::Pallets { partitions } = goods {
        keys.retain(|key| tidings::partition(key, topology::partitions()) < partitions);
    }
    keys
}

/// What a handler has seen.
#[derive(Clone, Default)]
struct Tally(Arc<Seen>);

#[derive(Default)]
struct Seen {
    events: AtomicU64,
    began: AtomicI64,
    ended: AtomicI64,
}

impl Tally {
    fn note(&self) {
        let now = Timestamp::now().as_microsecond();
        if self.0.events.fetch_add(1, Ordering::Relaxed) == 0 {
            self.0.began.store(now, Ordering::Relaxed);
        }
        self.0.ended.fetch_max(now, Ordering::Relaxed);
    }

    fn work(&self) -> Work {
        let Seen { events, began, ended } = &*self.0;
        Work {
            events: events.load(Ordering::Relaxed),
            began: began.load(Ordering::Relaxed),
            ended: ended.load(Ordering::Relaxed),
            cpu: 0.0,
        }
    }
}

impl tracking::PalletsInOrder for Tally {
    async fn pallet_moved(&self, _: PalletMoved, _: &tracking::Context) -> Handled {
        self.note();
        Ok(())
    }
}

async fn handle(bus: &Tidings, goods: Goods, mut words: mpsc::Receiver<()>) -> Outcome<Work> {
    let tally = Tally::default();
    let own = tally.clone();
    let subscriber = match goods {
        Goods::Parcels => Busy::subscriber(move |_| own.note()),
        Goods::Pallets { .. } => tracking::PalletsInOrder::subscriber(own),
    };
    let run = bus.run(subscriber);
    let report = tokio::spawn(async move { run.until(words.recv()).await }).await??;
    let work = tally.work();
    if report.handled == work.events && report.is_clean() {
        return Ok(work);
    }
    Err(format!("{} events should have been handled and settled: {report:?}", work.events).into())
}
