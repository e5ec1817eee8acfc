//! A publisher, a handler and a sweeper inside the director: they live through everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tidings::catalog::Catalog;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::happenings::Happenings;
use crate::report::with_causes;
use crate::roles::{self, Handling, Place, Publishing};
use crate::topology;

#[derive(Debug)]
pub(crate) struct Local {
    published: Arc<AtomicBool>,
    publishing: JoinHandle<()>,
    handling: JoinHandle<()>,
    sweeping: JoinHandle<()>,
    end: watch::Sender<bool>,
}

impl Local {
    pub(crate) fn start(
        publishing: Publishing,
        handling: Handling,
        happenings: Happenings,
    ) -> Self {
        // Handlers panic as their events want it, and the client library where a header is malformed.
        let seen = happenings.clone();
        std::panic::set_hook(Box::new(move |panic| {
            let words = panic.to_string();
            seen.note("local", words.lines().last().unwrap_or("panicked").trim());
        }));
        let published = Arc::new(AtomicBool::new(false));
        let (end, ended) = watch::channel(false);
        let (done, seen) = (Arc::clone(&published), happenings.clone());
        let publishing = tokio::spawn(async move {
            // It goes on where it has failed.
            while let Err(error) = roles::publish(publishing.clone()).await {
                seen.note("local", format!("cannot publish: {}", with_causes(&*error)));
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            done.store(true, Ordering::Relaxed);
        });
        let sweeping =
            tokio::spawn(sweep(handling.place.clone(), ended.clone(), happenings.clone()));
        let handling = tokio::spawn(async move {
            loop {
                let mut ended = ended.clone();
                let end = async move { ended.wait_for(|ended| *ended).await.map(drop) };
                let Err(error) = roles::handle(handling.clone(), end).await else { return };
                happenings.note("local", format!("has ended: {}", with_causes(&*error)));
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        Self { published, publishing, handling, sweeping, end }
    }

    pub(crate) fn has_published(&self) -> bool {
        self.published.load(Ordering::Relaxed)
    }

    /// Ends the handler and the sweeper in order.
    pub(crate) async fn stop(&mut self) {
        self.end.send_replace(true);
        let _ = (&mut self.handling).await;
        let _ = (&mut self.sweeping).await;
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.publishing.abort();
        self.handling.abort();
        self.sweeping.abort();
    }
}

/// Sweeps until the end, again and again where its consumer is gone for a while.
async fn sweep(place: Place, ended: watch::Receiver<bool>, happenings: Happenings) {
    let catalog: &'static Catalog = Box::leak(Box::new(topology::catalog(place.replicas)));
    let bus = place.connect().await;
    loop {
        let mut ended = ended.clone();
        let end = async move { ended.wait_for(|ended| *ended).await.map(drop) };
        let Err(error) = bus.sweep(catalog).until(end).await else { return };
        happenings.note("sweeper", format!("has stopped: {}", with_causes(&error)));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
