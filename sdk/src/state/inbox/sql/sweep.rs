//! What may be forgotten is forgotten, now and then, a few at a time, and beside the events.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::Pool;
use tokio::time::Instant;

use super::statements;
use crate::state::sql::Dialect;

const INTERVAL: Duration = Duration::from_secs(30);
/// So few that nobody notices that SQLite has one writer.
const AT_ONCE: u32 = 200;

#[derive(Debug)]
pub(super) struct Sweeper {
    last: Mutex<Option<Instant>>,
    at_work: Arc<AtomicBool>,
}

impl Sweeper {
    pub(super) fn new() -> Self {
        Self { last: Mutex::default(), at_work: Arc::default() }
    }

    /// Begins, unless it was done lately or is being done.
    pub(super) fn tick<DB: Dialect>(&self, pool: &Pool<DB>) {
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|last| last.elapsed() < INTERVAL) {
                return;
            }
            *last = Some(Instant::now());
        }
        if self.at_work.swap(true, Ordering::Relaxed) {
            return;
        }
        let (pool, at_work) = (pool.clone(), Arc::clone(&self.at_work));
        tokio::spawn(async move {
            loop {
                match statements::sweep(&pool, i64::from(AT_ONCE)).await {
                    Ok(forgotten) if forgotten >= u64::from(AT_ONCE) => {
                        tokio::task::yield_now().await;
                    }
                    Ok(_) => break,
                    Err(error) => {
                        tracing::warn!(%error, "old marks of the inbox not removed; trying again later");
                        break;
                    }
                }
            }
            at_work.store(false, Ordering::Relaxed);
        });
    }
}
