//! What makes a relay look: word of commits.

use std::time::Duration;

use sqlx::Pool;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::outbox::statements::CHANNEL;
use crate::{Dialect, resilience::retry};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A connection on which nothing was told for so long is not believed any more.
const QUIET: Duration = Duration::from_secs(120);

/// Hears of what is put into the outbox: in this process by its signal, elsewhere by what the database tells.
pub(super) struct Ears {
    signal: watch::Receiver<u64>,
    told: watch::Receiver<u64>,
    listening: JoinHandle<()>,
}

impl Ears {
    pub(super) fn open<DB: Dialect>(pool: Pool<DB>, signal: watch::Receiver<u64>) -> Self {
        let (tell, told) = watch::channel(0);
        Self { signal, told, listening: tokio::spawn(listen(pool, tell)) }
    }

    /// Returns once there may be something new.
    pub(super) async fn heard(&mut self) {
        let (signal, told) = (&mut self.signal, &mut self.told);
        // An end of either is no word; then the other one, or looking now and then, is what is left.
        let heard = tokio::select! {
            heard = signal.changed() => heard,
            heard = told.changed() => heard,
        };
        if heard.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen<DB: Dialect>(pool: Pool<DB>, tell: watch::Sender<u64>) {
    let mut failures = 0;
    loop {
        match DB::listen(&pool, CHANNEL).await {
            Ok(mut listener) => {
                failures = 0;
                loop {
                    // Also once at the beginning: what was committed before was told to nobody.
                    tell.send_modify(|count| *count += 1);
                    match timeout(QUIET, DB::heard(&mut listener)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => {
                            tracing::debug!(%error, "the database tells nothing any more; asking it again");
                            break;
                        }
                        // A connection that is dead without a word tells nothing either.
                        Err(_) => break,
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "the database cannot be listened to yet"),
        }
        failures += 1;
        tokio::time::sleep(retry::doubling(FIRST_PAUSE, LONGEST_PAUSE, failures)).await;
    }
}
