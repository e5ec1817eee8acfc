//! One delivery's way: in turn, through its handler's attempts, settled.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::acknowledgement::{Acknowledgement, Done};
use super::ended::Judgement;
use super::health::Pass;
use super::lane::Turn;
use super::payload::Payload;
use super::phase::Phase;
use super::report::Outcome;
use super::worker::{Readable, Received, Worker};
use crate::broker::Delivery;
use crate::dead_letter::{Failure, Reason};
use crate::handler::{DeliveryContext, HandlerError, Verdict};
use crate::message::envelope::Envelope;
use crate::message::personal::Screen;
use crate::operations::metrics::{Counted, Failing};
use crate::operations::traces;
use crate::resilience::retry;

/// Deliveries beyond the catalog's attempts that may have ended without an answer (given back at a shutdown, lost with
/// a connection) before an event is taken for one that kills its process.
const CUT_SHORT: u64 = 5;
/// Further ones, in which the event is handled alone: it may only have been near one that kills the process.
const ALONE: u64 = 4;

pub(super) struct Task<'w> {
    pub(super) worker: &'w Worker,
    pub(super) arrived: Box<Delivery>,
    pub(super) redriven: Option<u64>,
    /// Under what it counts.
    pub(super) counted: Counted,
    /// What comes after it in its lane must wait for it.
    ordered: bool,
    /// When the broker had its last sign of life.
    pub(super) signed: Mutex<Instant>,
    /// Whether it was given back, confirmed or not.
    pub(super) given_back: AtomicBool,
}

/// What is left to do for a delivery.
enum End {
    Settled(Outcome),
    /// It is to be acknowledged.
    Done(Outcome),
}

/// Handles a delivery and settles it, in its turn where it has one. What was handled is on its way to be acknowledged then.
pub(super) async fn work(worker: &Arc<Worker>, received: Received, mut turn: Option<Turn>) {
    let (task, event) = Task::new(worker, received, turn.is_some());
    if let Some(turn) = &mut turn {
        let may_go = tokio::select! {
            may_go = task.keep_alive(turn.come()) => may_go,
            () = worker.reached(Phase::Aborting) => false,
        };
        if !may_go {
            return task.give_back().await;
        }
    }
    let slot = match worker.slots() {
        Some(slots) => tokio::select! {
            // It is never closed.
            slot = task.keep_alive(slots.acquire()) => slot.ok(),
            () = worker.reached(Phase::Aborting) => return task.give_back().await,
        },
        None => None,
    };
    match event {
        Ok((delivery, payload)) => {
            let span = traces::process(worker.spec, &delivery.envelope, delivery.attempt);
            let ended = {
                let handling = pin!(task.handle(delivery, &payload));
                span.clone().instrument(handling).await
            };
            worker.pulse.beat();
            match ended {
                End::Done(outcome) => {
                    drop(slot);
                    let (place, counted) = (task.place(), task.counted);
                    let done = Done { place, counted, turn, span };
                    let Delivery { settle, .. } = *task.arrived;
                    return Acknowledgement::new(worker, settle, outcome, done).send().await;
                }
                End::Settled(outcome) => {
                    traces::settled(&span, outcome.as_str());
                    worker.settled(task.place(), task.counted, outcome);
                }
            }
        }
        Err(error) => {
            let failing = Some(Failing::Undecodable);
            worker.figures.attempted(task.counted, Instant::now(), false, failing);
            let attempt = task.arrived.attempt;
            let failure = task.failure(Reason::Undecodable, vec![error.to_string()], attempt);
            let outcome = Box::pin(task.bury(None, &failure)).await;
            worker.pulse.beat();
            worker.settled(task.place(), task.counted, outcome);
        }
    }
    if let Some(turn) = turn
        && !task.given_back.load(Ordering::Relaxed)
    {
        turn.pass_on();
    }
}

/// Gives a delivery back, for another instance or later.
pub(super) async fn hand_back(worker: &Worker, received: Received) {
    let (task, _) = Task::new(worker, received, false);
    task.give_back().await;
}

impl<'w> Task<'w> {
    /// And what is to be handled.
    fn new(worker: &'w Worker, received: Received, ordered: bool) -> (Self, Readable) {
        let Received { arrived, redriven, signed, counted, event } = received;
        let (signed, given_back) = (Mutex::new(signed), AtomicBool::new(false));
        (Self { worker, arrived, redriven, counted, ordered, signed, given_back }, event)
    }
}

impl Task<'_> {
    /// Where the broker has it: what its deliveries have in common.
    fn place(&self) -> u64 {
        self.redriven.unwrap_or(self.arrived.message.sequence)
    }

    /// It has failed just now, and for good.
    fn failure(&self, reason: Reason, chain: Vec<String>, attempts: u64) -> Failure {
        let now = self.worker.bus.broker().time();
        let first = self.worker.first_failures.failed(self.place(), attempts, now);
        Failure { reason, chain, attempts, first, last: Some(now), gone: None }
    }

    /// Gives it back, and counts that.
    async fn give_back(&self) {
        let outcome = self.hand_back().await;
        self.worker.settled(self.place(), self.counted, outcome);
    }

    async fn handle(&self, mut delivery: Arc<DeliveryContext>, payload: &Payload) -> End {
        let (spec, attempt) = (self.worker.spec, delivery.attempt);
        let last = u64::from(spec.retry.attempts.max(1));
        if attempt > last + CUT_SHORT + ALONE {
            let failure = self.abandoned(attempt);
            return End::Settled(Box::pin(self.bury(Some(&delivery.envelope), &failure)).await);
        }
        let alone = if attempt > last + CUT_SHORT {
            let alone = self.worker.suspects.alone(self.place(), attempt);
            tokio::select! {
                place = self.keep_alive(alone) => Some(place),
                () = self.worker.reached(Phase::Finishing) => return End::Settled(self.hand_back().await),
            }
        } else {
            None
        };
        let mut decrypted = None::<String>;
        loop {
            let DeliveryContext { envelope, attempt, .. } = &*delivery;
            let attempt = *attempt;
            let Some(pass) = self.admitted().await else {
                return End::Settled(self.hand_back().await);
            };
            let ended = self.attempt(&delivery, payload, &mut decrypted).await;
            let data = || decrypted.as_deref().unwrap_or_else(|| payload.text());
            // What says nothing about the service gives the place of a probe to the next one, at once.
            let pass = Some(pass).filter(|_| ended.is_of_handler());
            let (reason, error) = match ended.judged(spec.handler_timeout) {
                Judgement::Done(outcome) => {
                    if let Some(pass) = pass {
                        pass.succeeded();
                    }
                    let (durable, event_id) = (spec.durable, envelope.id.as_str());
                    tracing::debug!(durable, event_id, attempt, ?outcome, "done with");
                    if alone.is_some() {
                        // The next one may kill the process: this one is to be settled before.
                        let settled = self.confirmed(outcome, || self.arrived.settle.ack()).await;
                        return End::Settled(settled);
                    }
                    return End::Done(outcome);
                }
                Judgement::Again => {
                    delivery = Arc::new(delivery.again(attempt));
                    continue;
                }
                Judgement::HandBack => return End::Settled(self.hand_back().await),
                Judgement::Hopeless(reason, error) => {
                    let failure = self.failed_for_good(envelope, data(), reason, &error, attempt);
                    drop(pass);
                    return End::Settled(
                        Box::pin(self.bury(Some(&delivery.envelope), &failure)).await,
                    );
                }
                Judgement::Failed(reason, error) => (reason, error),
            };
            let is_failure = matches!(error.verdict(), Verdict::Retry) && reason.is_of_handler();
            let pass = pass.filter(|_| is_failure);
            let pauses = pass.is_some_and(|pass| pass.failed(self.arrived.message.sequence));
            if !pauses && attempt >= last {
                let failure = self.failed_for_good(envelope, data(), reason, &error, attempt);
                return End::Settled(Box::pin(self.bury(Some(&delivery.envelope), &failure)).await);
            }
            let delay = match error.verdict() {
                _ if pauses => None,
                Verdict::RetryAfter(delay) => Some(delay),
                Verdict::Retry | Verdict::Reject => Some(retry::delay(&spec.retry, attempt)),
            };
            self.failed_for_now(envelope, data(), reason, &error, attempt, delay);
            // While nothing works it is tried again once that may have changed, without an attempt spent.
            let Some(delay) = delay else {
                self.worker.retried_in_place(self.counted);
                delivery = Arc::new(delivery.again(attempt));
                continue;
            };
            if !self.ordered {
                let retried =
                    self.confirmed(Outcome::Retried, || self.arrived.settle.retry(delay)).await;
                return End::Settled(retried);
            }
            // What comes after it in its lane must wait, so it is tried again in place.
            tokio::select! {
                () = self.keep_alive(tokio::time::sleep(delay)) => {}
                () = self.worker.reached(Phase::Finishing) => return End::Settled(self.hand_back().await),
            }
            self.worker.retried_in_place(self.counted);
            delivery = Arc::new(delivery.again(attempt + 1));
        }
    }

    /// Nothing was ever answered about it.
    fn abandoned(&self, attempt: u64) -> Failure {
        let words = "its deliveries ended without an answer: a crash, or a blocked process";
        Failure {
            reason: Reason::Abandoned,
            chain: vec![words.to_owned()],
            attempts: attempt - 1,
            first: self.worker.first_failures.of(self.place()),
            last: None,
            gone: None,
        }
    }

    /// No further attempt follows.
    fn failed_for_good(
        &self,
        envelope: &Envelope,
        data: &str,
        reason: Reason,
        error: &HandlerError,
        attempt: u64,
    ) -> Failure {
        let chain = self.screen(envelope, data).all(error.chain().collect::<Vec<_>>());
        self.failure(reason, chain, attempt)
    }

    /// Another attempt follows after the delay, or, without one, once fetching goes on.
    fn failed_for_now(
        &self,
        envelope: &Envelope,
        data: &str,
        reason: Reason,
        error: &HandlerError,
        attempt: u64,
        delay: Option<Duration>,
    ) {
        let now = self.worker.bus.broker().time();
        self.worker.first_failures.failed(self.place(), attempt, now);
        let (durable, event_type, event_id) =
            (self.worker.spec.durable, &*envelope.event_type, &*envelope.id);
        let (reason, error) =
            (reason.as_str(), self.screen(envelope, data).words(error.to_string()));
        match delay {
            Some(delay) => tracing::warn!(
                durable, event_type, event_id, attempt, ?delay, reason, %error,
                "not handled; trying again"
            ),
            None => tracing::warn!(
                durable, event_type, event_id, attempt, reason, %error,
                "not handled, as others before it; fetching pauses"
            ),
        }
    }

    /// What keeps the event's personal data out of the words of its handler.
    fn screen(&self, envelope: &Envelope, data: &str) -> Screen {
        Screen::of(self.worker.dispatch.personal(envelope), data)
    }

    /// Waits for leave to call the handler; none where the run ends first.
    async fn admitted(&self) -> Option<Pass<'_>> {
        let health = &self.worker.health;
        if let Some(pass) = health.admit() {
            return Some(pass);
        }
        Box::pin(async {
            tokio::select! {
                pass = self.keep_alive(health.admitted()) => Some(pass),
                () = self.worker.reached(Phase::Finishing) => None,
            }
        })
        .await
    }
}
