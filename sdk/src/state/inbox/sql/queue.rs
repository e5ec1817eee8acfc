//! Changes of many events in one transaction, where a database has one writer at a time: those that come while one is being
//! written are written together in the next.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::statements::Change;
use super::{InboxError, Mark, Sql};
use crate::state::sql::Dialect;

/// So many statements are in one transaction at most.
const TOGETHER: usize = 256;

type Answer = Result<bool, Arc<InboxError>>;

struct Waiting {
    mark: Mark,
    change: Change,
    answer: oneshot::Sender<Answer>,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Waiting>,
    at_work: bool,
}

pub(super) struct Queue<DB> {
    line: Mutex<Line>,
    database: PhantomData<fn() -> DB>,
}

impl<DB> Queue<DB> {
    pub(super) fn new() -> Self {
        Self { line: Mutex::default(), database: PhantomData }
    }
}

impl<DB: Dialect> Sql<DB> {
    /// Makes a change, and says whether it had an effect.
    pub(super) async fn change(
        self: &Arc<Self>,
        mark: &Mark,
        change: Change,
    ) -> Result<bool, InboxError> {
        if self.turns.is_none() {
            let mut connection = self.pool.acquire().await?;
            return Ok(change.make::<DB>(&mut connection, mark).await?);
        }
        let (answer, answered) = oneshot::channel();
        let begins = {
            let mut line = self.queue.line.lock().unwrap_or_else(PoisonError::into_inner);
            line.waiting.push(Waiting { mark: mark.clone(), change, answer });
            !mem::replace(&mut line.at_work, true)
        };
        if begins {
            tokio::spawn(Arc::clone(self).write());
        }
        match answered.await {
            Ok(Ok(effect)) => Ok(effect),
            Ok(Err(error)) => Err(InboxError::Batch(error)),
            // The runtime is ending, and its tasks with it.
            Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
        }
    }

    /// Writes until nobody waits.
    async fn write(self: Arc<Self>) {
        let writing = Writing(&self.queue.line);
        loop {
            let batch: Vec<Waiting> = {
                let mut line = writing.0.lock().unwrap_or_else(PoisonError::into_inner);
                let count = line.waiting.len().min(TOGETHER);
                line.at_work = count > 0;
                line.waiting.drain(..count).collect()
            };
            if batch.is_empty() {
                return;
            }
            let (changes, answers): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|one| ((one.mark, one.change), one.answer)).unzip();
            let written = self.write_together(&changes).await.map_err(Arc::new);
            for (at, answer) in answers.into_iter().enumerate() {
                let effect = written.as_ref().map(|effects| effects.get(at) == Some(&true));
                // Whoever asked may have gone.
                let _ = answer.send(effect.map_err(Arc::clone));
            }
        }
    }

    /// All or none.
    async fn write_together(&self, changes: &[(Mark, Change)]) -> Result<Vec<bool>, InboxError> {
        let mut open = self.begin().await?;
        let mut effects = Vec::with_capacity(changes.len());
        for (mark, change) in changes {
            effects.push(change.make::<DB>(&mut open.transaction, mark).await?);
        }
        open.transaction.commit().await?;
        Ok(effects)
    }
}

/// Whoever writes. Where it ends before its work, as with the runtime that it is on, nobody waits for it any more.
struct Writing<'l>(&'l Mutex<Line>);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if mem::replace(&mut line.at_work, false) {
            line.waiting.clear();
        }
    }
}

impl<DB> fmt::Debug for Queue<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}
