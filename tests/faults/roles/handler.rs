//! Handles what its subscriptions bring, as the events' tempers want it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::{Handled, Reject, Subscriber};
use tidings_tests::catalog::pallets::PalletMoved;
use tidings_tests::catalog::parcels::{ParcelArrived, ParcelSent};
use tidings_tests::catalog::tracking;

use super::Place;
use super::crash::{Crash, Step, reached};
use crate::Outcome;
use crate::events::{EventId, Mix, Temper};
use crate::journal::{Entry, Journal};
use crate::topology::Reader;

/// Beyond the server's wait for an acknowledgement, which is two seconds.
const SLOW: Duration = Duration::from_millis(2500);

/// What a panicking handler says.
const PANIC: &str = "this event makes its handler panic";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Handling {
    pub(crate) place: Place,
    pub(crate) journal: PathBuf,
    pub(crate) mix: Mix,
    pub(crate) readers: Vec<Reader>,
    pub(crate) crash: Option<Crash>,
}

/// Handles until `end`, and fails where a subscription ends before that.
pub(crate) async fn run(handling: Handling, end: impl Future) -> Outcome {
    let Handling { place, journal, mix, readers, crash } = handling;
    let mut end = std::pin::pin!(end);
    let bus = tokio::select! {
        bus = place.prepare() => bus,
        _ = &mut end => return Ok(()),
    };
    let book = Arc::new(Book { journal: Journal::open(&journal)?, mix, crash });
    let mut subscribers = readers.into_iter().map(|reader| book.subscriber(reader));
    let first = subscribers.next().ok_or("a handler without a subscription")?;
    let run = subscribers.fold(bus.run(first), tidings::Run::and);
    let report = run.until(end).await?;
    eprintln!("ended in order: {report:?}");
    let _ = bus.close().await;
    Ok(())
}

/// What the handlers of a process share.
struct Book {
    journal: Journal,
    mix: Mix,
    crash: Option<Crash>,
}

impl Book {
    fn subscriber(self: &Arc<Self>, reader: Reader) -> Subscriber {
        let handler = Handler { reader, book: Arc::clone(self) };
        match reader {
            Reader::Plain => tracking::Journey::subscriber(handler),
            Reader::Lanes => tracking::InOrder::subscriber(handler),
            Reader::Strict => tracking::SingleFile::subscriber(handler),
            Reader::Parted => tracking::PalletsInOrder::subscriber(handler),
        }
    }

    fn reached(&self, step: Step) {
        reached(self.crash.as_ref(), step);
    }
}

struct Handler {
    reader: Reader,
    book: Arc<Book>,
}

impl Handler {
    async fn handle(&self, parcel: String, step: u64, cx: &tracking::Context) -> Handled {
        let (book, reader, attempt) = (&*self.book, self.reader, cx.attempt());
        let event = EventId { parcel, step };
        let id = event.to_string();
        let sequence = cx.sequence();
        book.journal.note(Entry::Received { reader, id: id.clone(), sequence, attempt });
        book.reached(Step::Received);
        let temper = book.mix.temper(&event);
        let fails = match temper {
            Temper::Good => false,
            Temper::Flaky => attempt == 1,
            Temper::Slow => {
                // Where one event waits for another, a few of these would be the whole run.
                if reader == Reader::Plain {
                    tokio::time::sleep(SLOW).await;
                }
                false
            }
            Temper::Failing | Temper::Rejected | Temper::Panicking => true,
        };
        if !fails {
            book.journal.note(Entry::Handled { reader, id });
            book.reached(Step::Handled);
            return Ok(());
        }
        let last = temper == Temper::Rejected || temper.is_poison() && cx.is_last_attempt();
        book.journal.note(Entry::Failed { reader, id, last });
        book.reached(Step::Failed);
        match temper {
            Temper::Rejected => Err(Reject::because("nobody wants it"))?,
            Temper::Panicking => std::panic::panic_any(PANIC),
            _ => Err(io::Error::other("it fails"))?,
        }
    }
}

impl tracking::Journey for Handler {
    async fn parcel_sent(&self, event: ParcelSent, cx: &tracking::Context) -> Handled {
        self.handle(event.parcel_id, event.step, cx).await
    }

    async fn parcel_arrived(&self, _: ParcelArrived, _: &tracking::Context) -> Handled {
        Err(Reject::because("no event of a run"))?
    }
}

impl tracking::InOrder for Handler {
    async fn parcel_sent(&self, event: ParcelSent, cx: &tracking::Context) -> Handled {
        self.handle(event.parcel_id, event.step, cx).await
    }
}

impl tracking::SingleFile for Handler {
    async fn parcel_sent(&self, event: ParcelSent, cx: &tracking::Context) -> Handled {
        self.handle(event.parcel_id, event.step, cx).await
    }
}

impl tracking::PalletsInOrder for Handler {
    async fn pallet_moved(&self, event: PalletMoved, cx: &tracking::Context) -> Handled {
        self.handle(event.pallet_id, event.step, cx).await
    }
}
