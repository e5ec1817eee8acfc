//! Changes of many events at once, where a database has one writer at a time: those that come while some are being written are
//! written together after them.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::change::{self, Change};
use super::{BUSY, InboxError, Mark, Sql};
use crate::state::sql::{Dialect, Lent, within};

/// So many are written together at most.
const TOGETHER: usize = 256;

/// Whether it had an effect, and since when it has it at the latest.
type Answer = Result<Option<Instant>, Arc<InboxError>>;

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
    /// Makes a change. Where it had an effect, returns a time before that: what lasts for a while lasts at least from then on.
    pub(super) async fn change(
        self: &Arc<Self>,
        mark: &Mark,
        change: Change,
        patience: Duration,
    ) -> Result<Option<Instant>, InboxError> {
        if self.turns.is_none() {
            return Box::pin(self.change_alone(mark, change, patience)).await;
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

    async fn change_alone(
        &self,
        mark: &Mark,
        change: Change,
        patience: Duration,
    ) -> Result<Option<Instant>, InboxError> {
        let asked = Instant::now();
        let mut lent = Lent::of(&self.pool).await?;
        let changes = [(mark.clone(), change)];
        let made = within(patience, change::make::<DB>(&mut lent, &changes)).await?;
        lent.give_back();
        Ok(made.first().is_some_and(|had| *had).then_some(asked))
    }

    /// Writes until nobody waits.
    async fn write(self: Arc<Self>) {
        let writing = Writing(&self.queue.line);
        loop {
            // Whoever was just answered asks for the next thing as a rule, and all of them for one transaction.
            tokio::task::yield_now().await;
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
                let effect = written.as_ref().map(|(effects, since)| {
                    let had = effects.get(at) == Some(&true);
                    had.then_some(*since)
                });
                // Whoever asked may have gone.
                let _ = answer.send(effect.map_err(Arc::clone));
            }
        }
    }

    /// Makes all of these changes, or none; after an error, what one statement makes may be made, as where a commit is not
    /// answered.
    async fn write_together(
        &self,
        changes: &[(Mark, Change)],
    ) -> Result<(Vec<bool>, Instant), InboxError> {
        let turn = match &self.turns {
            Some(turns) => Some(turns.of_queue().await),
            None => None,
        };
        if change::is_one_statement(changes) {
            // So it is as a rule, and a transaction to begin and to end would cost as much again.
            let make = || async {
                let since = Instant::now();
                let making = async {
                    let mut connection = self.pool.acquire().await?;
                    change::make::<DB>(&mut connection, changes).await
                };
                Ok((within(BUSY, making).await?, since))
            };
            return Self::unless_busy(make).await;
        }
        let mut open = self.begin_in(turn, BUSY).await?;
        let since = Instant::now();
        let effects = change::make::<DB>(&mut open.transaction, changes).await?;
        open.transaction.commit().await?;
        Ok((effects, since))
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
