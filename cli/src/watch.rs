//! Waits for changes of a catalog's files.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::folder::CatalogFolder;

/// Editors and branches change several files at once: a change is over when it has been quiet for so long.
const QUIET: Duration = Duration::from_millis(50);

/// So many events belong to one change at most, because some folders are never quiet.
const AT_ONCE: usize = 1000;

/// The changes of a catalog since this was made.
pub(crate) struct Changes {
    events: Receiver<notify::Result<Event>>,
    // Watches until it is dropped.
    _watcher: RecommendedWatcher,
}

impl Changes {
    pub(crate) fn of(folder: &CatalogFolder) -> Result<Self, Failure> {
        let (sender, events) = channel();
        let watching = notify::recommended_watcher(sender).and_then(|mut watcher| {
            watcher.watch(folder.path(), RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        let watcher = watching.map_err(|error| failed(&error))?;
        Ok(Self { events, _watcher: watcher })
    }

    /// Returns when something has changed.
    pub(crate) fn wait(&self) -> Result<(), Failure> {
        while !self.is_change(self.events.recv().map_err(|_| stopped())?)? {}
        for _ in 0..AT_ONCE {
            match self.events.recv_timeout(QUIET) {
                Ok(event) => drop(self.is_change(event)?),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Err(stopped()),
            }
        }
        Ok(())
    }

    /// Tells of changes, which are waited for in a thread of their own; the last word is an error.
    pub(crate) fn heard(self) -> mpsc::Receiver<Result<(), Failure>> {
        let (sender, receiver) = mpsc::channel(1);
        std::thread::spawn(move || {
            loop {
                let change = self.wait();
                let is_last = change.is_err();
                if sender.blocking_send(change).is_err() || is_last {
                    return;
                }
            }
        });
        receiver
    }

    fn is_change(&self, event: notify::Result<Event>) -> Result<bool, Failure> {
        Ok(concerns_catalog(&event.map_err(|error| failed(&error))?))
    }
}

/// Whether an event may have changed what a catalog says. Its own reading of files does not, nor does a build in its
/// folder.
fn concerns_catalog(event: &Event) -> bool {
    let written = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    };
    written && (event.need_rescan() || event.paths.iter().any(|path| is_part(path)))
}

/// Files that a catalog is read from; what has no extension may be a folder of them.
fn is_part(path: &Path) -> bool {
    match path.extension() {
        Some(extension) => ["yaml", "yml", "lock"].iter().any(|known| extension == *known),
        None => !path.components().any(|part| part.as_os_str() == "target"),
    }
}

fn failed(error: &notify::Error) -> Failure {
    Failure::new(format!("cannot watch the event catalog: {error}"))
}

fn stopped() -> Failure {
    Failure::new("the system has stopped watching the event catalog")
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, ModifyKind, RemoveKind};

    use super::*;

    #[test]
    fn what_is_read_and_built_is_no_change() {
        let modified = EventKind::Modify(ModifyKind::Any);
        let read = EventKind::Access(AccessKind::Open(AccessMode::Read));
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        for (kind, path, changes) in [
            (modified, "event-catalog/orders/order-created.yaml", true),
            (closed, "event-catalog/orders/order-created.yml", true),
            (EventKind::Remove(RemoveKind::Folder), "event-catalog/orders", true),
            (EventKind::Create(CreateKind::Any), "event-catalog/catalog.lock", true),
            (read, "event-catalog/orders/order-created.yaml", false),
            (modified, "event-catalog/README.md", false),
            (modified, "event-catalog/orders/order-created.yaml~", false),
            (modified, "event-catalog/target/debug/build", false),
        ] {
            let event = Event::new(kind).add_path(path.into());
            assert_eq!(concerns_catalog(&event), changes, "{event:?}");
        }
    }
}
