//! What is handled is acknowledged while the next is being handled; only the end of the run waits for the broker's word.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc};

use super::lane::Turn;
use super::report::Outcome;
use super::settlement;
use super::worker::Worker;
use crate::BrokerError;
use crate::broker::Settle;
use crate::operations::metrics::Counted;
use crate::operations::traces::{self, Span};

/// What is left to do for an event that was handled.
pub(super) struct Acknowledgement {
    open: Open,
    settle: Settle,
    outcome: Outcome,
    done: Done,
}

/// What there is to do once it is settled.
pub(super) struct Done {
    /// Where the broker has it.
    pub(super) place: u64,
    /// Under which it is counted.
    pub(super) counted: Counted,
    /// What comes after it in its lane waits until it is settled.
    pub(super) turn: Option<Turn>,
    /// That of its whole way.
    pub(super) span: Span,
}

/// Those of a consumer that are not done with.
pub(super) struct Acknowledgements {
    open: AtomicUsize,
    /// There are none any more.
    none: Notify,
    failed: mpsc::UnboundedSender<Acknowledgement>,
}

/// Those that are to be sent again.
pub(super) type Failed = mpsc::UnboundedReceiver<Acknowledgement>;

impl Acknowledgements {
    pub(super) fn new() -> (Self, Failed) {
        let (failed, again) = mpsc::unbounded_channel();
        (Self { open: AtomicUsize::new(0), none: Notify::new(), failed }, again)
    }

    /// Returns once all are done with, for one who waits. Safe to cancel.
    pub(super) async fn done(&self) {
        while self.open.load(Ordering::Acquire) > 0 {
            self.none.notified().await;
        }
    }
}

/// One that is not done with, as long as this lives.
struct Open(Arc<Worker>);

impl Open {
    fn new(worker: &Arc<Worker>) -> Self {
        worker.acknowledgements.open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(worker))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Acknowledgements { open, none, .. } = &self.0.acknowledgements;
        if open.fetch_sub(1, Ordering::Release) == 1 {
            none.notify_one();
        }
    }
}

impl Acknowledgement {
    pub(super) fn new(worker: &Arc<Worker>, settle: Settle, outcome: Outcome, done: Done) -> Self {
        Self { open: Open::new(worker), settle, outcome, done }
    }

    /// Returns when it is on its way.
    pub(super) async fn send(self) {
        let spec = self.open.0.spec;
        let settling = || traces::settle(spec, self.outcome.operation());
        let span = self.done.span.in_scope(settling);
        if !self.open.0.confirms {
            let word = self.settle.let_go().await;
            drop(span);
            return self.told(word);
        }
        let settle = self.settle.clone();
        let awaited = Awaited { acknowledgement: Some(self), _span: span };
        // Where it cannot be sent, what waits for the word is dropped, and so sends it again.
        let _ = settle.acknowledge(move |word| awaited.told(word)).await;
    }

    fn told(self, word: Result<(), BrokerError>) {
        let outcome = match word {
            Ok(()) => self.outcome,
            Err(error) if settlement::is_hopeless(&error) => {
                let spec = self.open.0.spec;
                self.done.span.in_scope(|| settlement::unconfirmed(spec, &error))
            }
            Err(_) => return self.failed(),
        };
        self.came_to(outcome);
    }

    /// It is to be sent again.
    fn failed(self) {
        let failed = self.open.0.acknowledgements.failed.clone();
        // Where the run was dropped, nobody does, and the broker delivers it again.
        let _ = failed.send(self);
    }

    /// Sends it until the broker confirms it, for as long as that makes sense.
    pub(super) async fn again(self) {
        tokio::time::sleep(settlement::pause(1)).await;
        let spec = self.open.0.spec;
        let confirmed = settlement::confirmed(spec, self.outcome, 2, || self.settle.ack());
        let outcome = self.done.span.clone().instrument(confirmed).await;
        self.came_to(outcome);
    }

    fn came_to(mut self, outcome: Outcome) {
        let Done { place, counted, turn, span } = &mut self.done;
        traces::settled(span, outcome.as_str());
        self.open.0.settled(*place, *counted, outcome);
        if let Some(turn) = turn.take() {
            turn.pass_on();
        }
    }
}

/// An acknowledgement on its way. Dropped without a word, it is to be sent again.
struct Awaited {
    acknowledgement: Option<Acknowledgement>,
    /// That of the wait.
    _span: Span,
}

impl Awaited {
    fn told(mut self, word: Result<(), BrokerError>) {
        if let Some(acknowledgement) = self.acknowledgement.take() {
            acknowledgement.told(word);
        }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let Some(acknowledgement) = self.acknowledgement.take() {
            acknowledgement.failed();
        }
    }
}
