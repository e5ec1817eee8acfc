use std::pin::Pin;

use tidings::{Report, Run};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

/// Services at work in one process, and what goes on behind them, such as the relays of their outboxes.
#[derive(Default)]
pub struct Running {
    runs: JoinSet<anyhow::Result<Report>>,
    end_of_runs: watch::Sender<()>,
    behind: JoinSet<anyhow::Result<()>>,
    end: watch::Sender<()>,
}

/// Ready when it is time to end.
type End = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Running {
    /// Runs the subscriptions of a service.
    pub fn run(&mut self, run: Run) {
        let run = run.until(told(&self.end_of_runs));
        self.runs.spawn(async move { Ok(run.await?) });
    }

    /// Goes on until the runs have ended, so that it has what their handlers have left.
    pub fn behind<T, E, F>(&mut self, task: impl FnOnce(End) -> F)
    where
        E: Into<anyhow::Error>,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let task = task(told(&self.end));
        self.behind.spawn(async move { task.await.map(drop).map_err(Into::into) });
    }

    /// Returns when something has ended that should not have.
    pub async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            Some(ended) = self.runs.join_next() => why(ended),
            Some(ended) = self.behind.join_next() => why(ended),
            else => anyhow::anyhow!("nothing is running"),
        }
    }

    /// Ends all in good order, and says what the runs came to.
    ///
    /// # Errors
    /// One of them could not be run to its end.
    pub async fn end(self) -> anyhow::Result<Report> {
        let Self { mut runs, end_of_runs, mut behind, end } = self;
        drop(end_of_runs);
        let (mut report, mut outcome) = (Report::default(), Ok(()));
        while let Some(ended) = runs.join_next().await {
            match ended? {
                Ok(ended) => report += ended,
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        drop(end);
        while let Some(ended) = behind.join_next().await {
            outcome = outcome.and(ended?);
        }
        outcome.map(|()| report)
    }
}

fn told(end: &watch::Sender<()>) -> End {
    let mut end = end.subscribe();
    Box::pin(async move { _ = end.changed().await })
}

fn why<T>(ended: Result<anyhow::Result<T>, JoinError>) -> anyhow::Error {
    match ended {
        Ok(Ok(_)) => anyhow::anyhow!("a service has ended by itself"),
        Ok(Err(error)) => error,
        Err(error) => error.into(),
    }
}
