//! One delivery's way: in turn, through its handler's attempts, settled.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::ended::Ended;
use super::health::Pass;
use super::lane::Turn;
use super::payload::Payload;
use super::phase::Phase;
use super::report::Outcome;
use super::worker::{Received, Worker};
use super::{DispatchError, Dispatched, HandlerFuture};
use crate::broker::{Settle, StoredMessage};
use crate::dead_letter::{self, Failure, Reason};
use crate::handler::{HandlerError, Verdict};
use crate::message::claim;
use crate::message::envelope::Envelope;
use crate::message::personal::Screen;
use crate::resilience::panic::panicked;
use crate::state::inbox::Claim;
use crate::{BrokerError, InboxError, encryption, resilience::retry};

/// Deliveries beyond the catalog's attempts that may have ended without an answer (given back at a shutdown, lost with
/// a connection) before an event is taken for one that kills its process.
const CUT_SHORT: u64 = 5;
/// Further ones, in which the event is handled alone: it may only have been near one that kills the process.
const ALONE: u64 = 4;
/// How often an event is tried as a probe, or fails beside one, without spending an attempt. It bounds how long an event
/// that nothing can be done with keeps its place while all others fail too.
const SPARED: u32 = 60;
/// How often a settlement is tried before it is left to the server to deliver again.
const SETTLE_ATTEMPTS: u32 = 4;
const SETTLE_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause while dead letters cannot be stored.
const BURY_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Task<'w> {
    pub(super) worker: &'w Worker,
    message: StoredMessage,
    redriven: Option<u64>,
    settle: Settle,
    /// What comes after it in its lane must wait for it.
    ordered: bool,
    /// When the broker had its last sign of life.
    signed: Mutex<Instant>,
    /// Whether it was given back, confirmed or not.
    given_back: AtomicBool,
}

/// Handles a delivery and settles it, in its turn where it has one.
pub(super) async fn work(worker: &Worker, received: Received, mut turn: Option<Turn>) -> Outcome {
    let Received { message, redriven, attempt, settle, event } = received;
    let task = Task::new(worker, message, redriven, settle, turn.is_some());
    if let Some(turn) = &mut turn {
        let may_go = tokio::select! {
            may_go = task.keep_alive(turn.come()) => may_go,
            () = worker.reached(Phase::Aborting) => false,
        };
        if !may_go {
            return task.hand_back().await;
        }
    }
    let slot = tokio::select! {
        slot = task.keep_alive(worker.slot()) => slot,
        () = worker.reached(Phase::Aborting) => return task.hand_back().await,
    };
    let outcome = match event {
        Ok((envelope, payload)) => task.handle(&envelope, &payload, attempt).await,
        Err(error) => {
            let failure = task.failure(Reason::Undecodable, vec![error.to_string()], attempt);
            Box::pin(task.bury(None, &failure)).await
        }
    };
    drop(slot);
    if matches!(
        outcome,
        Outcome::Handled | Outcome::Skipped | Outcome::Repeated | Outcome::DeadLettered
    ) {
        worker.first_failures.forget(task.place());
    }
    if let Some(turn) = turn
        && !task.given_back.load(Ordering::Relaxed)
    {
        turn.pass_on();
    }
    outcome
}

/// Gives a delivery back, for another instance or later.
pub(super) async fn hand_back(worker: &Worker, received: Received) -> Outcome {
    let Received { message, redriven, settle, .. } = received;
    Task::new(worker, message, redriven, settle, false).hand_back().await
}

impl<'w> Task<'w> {
    fn new(
        worker: &'w Worker,
        message: StoredMessage,
        redriven: Option<u64>,
        settle: Settle,
        ordered: bool,
    ) -> Self {
        let signed = Mutex::new(Instant::now());
        Self {
            worker,
            message,
            redriven,
            settle,
            ordered,
            signed,
            given_back: AtomicBool::new(false),
        }
    }
}

impl Task<'_> {
    /// Where the broker has it: what its deliveries have in common.
    fn place(&self) -> u64 {
        self.redriven.unwrap_or(self.message.sequence)
    }

    /// It has failed just now, and for good.
    fn failure(&self, reason: Reason, chain: Vec<String>, attempts: u64) -> Failure {
        let now = self.worker.bus.broker().time();
        let first = self.worker.first_failures.failed(self.place(), attempts, now);
        Failure { reason, chain, attempts, first, last: Some(now), gone: None }
    }

    async fn handle(&self, envelope: &Envelope, payload: &Payload, attempt: u64) -> Outcome {
        let spec = self.worker.spec;
        let last = u64::from(spec.retry.attempts.max(1));
        if attempt > last + CUT_SHORT + ALONE {
            let words = "its deliveries ended without an answer: a crash, or a blocked process";
            let failure = Failure {
                reason: Reason::Abandoned,
                chain: vec![words.to_owned()],
                attempts: attempt - 1,
                first: self.worker.first_failures.of(self.place()),
                last: None,
                gone: None,
            };
            return Box::pin(self.bury(Some(envelope), &failure)).await;
        }
        let _alone = if attempt > last + CUT_SHORT {
            let alone = self.worker.suspects.alone(self.place(), attempt);
            tokio::select! {
                place = self.keep_alive(alone) => Some(place),
                () = self.worker.reached(Phase::Finishing) => return self.hand_back().await,
            }
        } else {
            None
        };
        let (mut attempt, mut spared, mut decrypted) = (attempt, 0, None::<String>);
        loop {
            let Some(pass) = self.admitted().await else { return self.hand_back().await };
            let begun = self.worker.begun(attempt);
            let unready = match payload.missing() {
                // Nobody fetches what no handler takes; to tell so, nobody needs it.
                Some(claim) if self.worker.dispatch.takes(envelope, begun) => {
                    Box::pin(self.fetch(claim, payload)).await
                }
                _ => None,
            };
            let locked = match unready {
                None if decrypted.is_none() && self.worker.decrypts(envelope, attempt) => {
                    Box::pin(self.decrypt(envelope, payload.text(), &mut decrypted)).await
                }
                unready => unready,
            };
            let data = decrypted.as_deref().unwrap_or(payload.text());
            let ended = match locked {
                Some(ended) => ended,
                None => self.answer(envelope, data, attempt).await,
            };
            let bury = async |reason, chain: Vec<String>, attempts| {
                let chain = self.screen(envelope, data).all(chain);
                let failure = self.failure(reason, chain, attempts);
                Box::pin(self.bury(Some(envelope), &failure)).await
            };
            // What says nothing about the service gives the place of a probe to the next one, at once.
            let mut pass = Some(pass).filter(|_| ended.is_of_handler());
            let (reason, error) = match ended {
                Ended::Answered(Ok(())) => {
                    if let Some(pass) = pass {
                        pass.succeeded();
                    }
                    return self.confirmed(Outcome::Handled, || self.settle.ack()).await;
                }
                Ended::Answered(Err(error)) => (Reason::Failed, error),
                Ended::Skipped => {
                    let durable = spec.durable;
                    let (event_type, event_id) = (&envelope.event_type, &envelope.id);
                    let (version, majors) = (envelope.schema_version, &envelope.majors);
                    tracing::debug!(
                        durable,
                        event_type,
                        event_id,
                        ?version,
                        ?majors,
                        "taken in another version"
                    );
                    return self.confirmed(Outcome::Skipped, || self.settle.ack()).await;
                }
                Ended::Repeated => {
                    let (durable, event_id) = (spec.durable, &envelope.id);
                    tracing::debug!(durable, event_id, "handled before");
                    return self.confirmed(Outcome::Repeated, || self.settle.ack()).await;
                }
                Ended::Lost => continue,
                Ended::Undispatched(error @ DispatchError::Upcast(_)) => {
                    return bury(Reason::UpcastFailed, vec![error.to_string()], attempt).await;
                }
                Ended::Undispatched(
                    error @ (DispatchError::Payload { .. } | DispatchError::Encrypted(_)),
                ) => {
                    return bury(Reason::Undecodable, vec![error.to_string()], attempt).await;
                }
                Ended::Undispatched(error @ DispatchError::Invalid(_)) => {
                    return bury(Reason::Invalid, vec![error.to_string()], attempt).await;
                }
                Ended::Undispatched(error @ DispatchError::Unavailable(_)) => {
                    if error.is_final() {
                        return bury(Reason::Undecodable, vec![error.to_string()], attempt).await;
                    }
                    (Reason::PayloadUnavailable, HandlerError::retry(error))
                }
                // An instance with a newer catalog may take it.
                Ended::Undispatched(error @ DispatchError::UnknownEvent(_)) => {
                    (Reason::UnknownEvent, HandlerError::retry(error))
                }
                Ended::Undispatched(error @ DispatchError::OtherVersion { .. }) => {
                    (Reason::OtherVersion, HandlerError::retry(error))
                }
                Ended::Locked(error) if error.is_transient() => {
                    (Reason::Failed, HandlerError::retry(error))
                }
                Ended::Locked(error) => {
                    return bury(Reason::Undecodable, vec![error.to_string()], attempt).await;
                }
                Ended::Panicked(words) => (Reason::Panicked, HandlerError::retry(words)),
                Ended::TimedOut => {
                    let words = format!("no answer within {:?}", spec.handler_timeout);
                    (Reason::TimedOut, HandlerError::retry(words))
                }
                Ended::Aborted => return self.hand_back().await,
            };
            let is_failure = matches!(error.verdict(), Verdict::Retry)
                && matches!(reason, Reason::Failed | Reason::Panicked | Reason::TimedOut);
            let pass = pass.take().filter(|_| is_failure);
            let pauses = pass.is_some_and(|pass| pass.failed(self.message.sequence));
            if pauses && spared < SPARED {
                let error = self.screen(envelope, data).words(error.to_string());
                tracing::warn!(
                    durable = spec.durable,
                    event_type = envelope.event_type,
                    event_id = envelope.id,
                    attempt,
                    reason = reason.as_str(),
                    %error,
                    "not handled, as others before it; fetching pauses"
                );
                let now = self.worker.bus.broker().time();
                self.worker.first_failures.failed(self.place(), attempt, now);
                spared += 1;
                self.worker.retried_in_place();
                continue;
            }
            let delay = match error.verdict() {
                Verdict::Reject => {
                    return bury(Reason::Rejected, error.chain().collect(), attempt).await;
                }
                _ if attempt >= last => {
                    return bury(reason, error.chain().collect(), attempt).await;
                }
                Verdict::Retry => retry::delay(&spec.retry, attempt),
                Verdict::RetryAfter(delay) => delay,
            };
            let now = self.worker.bus.broker().time();
            self.worker.first_failures.failed(self.place(), attempt, now);
            let error = self.screen(envelope, data).words(error.to_string());
            tracing::warn!(
                durable = spec.durable,
                event_type = envelope.event_type,
                event_id = envelope.id,
                attempt,
                ?delay,
                reason = reason.as_str(),
                %error,
                "not handled; trying again"
            );
            if !self.ordered {
                return self.confirmed(Outcome::Retried, || self.settle.retry(delay)).await;
            }
            // What comes after it in its lane must wait, so it is tried again in place.
            tokio::select! {
                () = self.keep_alive(tokio::time::sleep(delay)) => {}
                () = self.worker.reached(Phase::Finishing) => return self.hand_back().await,
            }
            self.worker.retried_in_place();
            attempt += 1;
        }
    }

    /// Decrypts the event; how it ended, where it cannot be.
    async fn decrypt(
        &self,
        envelope: &Envelope,
        data: &str,
        decrypted: &mut Option<String>,
    ) -> Option<Ended> {
        let opening = encryption::open(&self.worker.bus, envelope, data);
        let bounded = tokio::time::timeout(self.worker.spec.handler_timeout, opening);
        let opened = tokio::select! {
            opened = self.keep_alive(bounded) => opened,
            () = self.worker.reached(Phase::Aborting) => return Some(Ended::Aborted),
        };
        match opened {
            Ok(Ok(plain)) => {
                *decrypted = plain;
                None
            }
            Ok(Err(error)) => Some(Ended::Locked(error)),
            Err(_) => Some(Ended::TimedOut),
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

    /// Runs the handler to its end, with signs of life for it, and through its panics.
    async fn answer(&self, envelope: &Envelope, data: &str, attempt: u64) -> Ended {
        let worker = self.worker;
        let delivery = worker.context(&self.message, envelope, attempt);
        let dispatched =
            catch_unwind(AssertUnwindSafe(|| worker.dispatch.dispatch(data, &delivery)));
        let (handler, needs) = match dispatched {
            Ok(Ok(Dispatched::Handler(handler, needs))) => (handler, needs),
            Ok(Ok(Dispatched::Skipped)) => return Ended::Skipped,
            Ok(Err(error)) => return Ended::Undispatched(error),
            Err(panic) => return Ended::Panicked(panicked("the handler", &*panic)),
        };
        match &worker.inbox {
            Some(inbox) if needs.once => {
                Box::pin(self.answer_once(inbox, handler, &needs, &delivery)).await
            }
            _ => self.end(handler, None).await,
        }
    }

    /// Runs the handler to its end, while its event is claimed where it is.
    pub(super) async fn end(&self, handler: HandlerFuture, claim: Option<&Claim>) -> Ended {
        let caught = AssertUnwindSafe(handler).catch_unwind();
        let bounded = tokio::time::timeout(self.worker.spec.handler_timeout, caught);
        let held = async {
            match claim {
                Some(claim) => claim.hold(bounded).await,
                None => Ok(bounded.await),
            }
        };
        tokio::select! {
            biased;
            ended = self.keep_alive(held) => match ended {
                Ok(Ok(Ok(answer))) => Ended::Answered(answer),
                Ok(Ok(Err(panic))) => Ended::Panicked(panicked("the handler", &*panic)),
                Ok(Err(_)) => Ended::TimedOut,
                Err(InboxError::Lost) => Ended::Lost,
                Err(error) => Ended::Answered(Err(error.into())),
            },
            () = self.worker.reached(Phase::Aborting) => Ended::Aborted,
        }
    }

    /// Fetches the payload that lies elsewhere; how it ended, where it cannot be had.
    async fn fetch(&self, claim: &claim::Claim, payload: &Payload) -> Option<Ended> {
        let fetching = claim::fetch(&self.worker.bus, self.worker.spec.stream, claim);
        tokio::select! {
            fetched = self.keep_alive(fetching) => match fetched {
                Ok(text) => {
                    payload.put(text);
                    None
                }
                Err(error) => Some(Ended::Undispatched(DispatchError::Unavailable(error))),
            },
            () = self.worker.reached(Phase::Aborting) => Some(Ended::Aborted),
        }
    }

    /// In a box, as `bury` is: rare ways must not make every delivery's future large.
    fn hand_back(&self) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        self.given_back.store(true, Ordering::Relaxed);
        Box::pin(self.confirmed(Outcome::HandedBack, || self.settle.retry(Duration::ZERO)))
    }

    /// Stores a dead letter, and only then ends the delivery. As long as it cannot be stored, the event keeps its slot:
    /// to let go of it would be to forget why it failed.
    async fn bury(&self, envelope: Option<&Envelope>, failure: &Failure) -> Outcome {
        let spec = self.worker.spec;
        let event_id = envelope.map_or("", |envelope| envelope.id.as_str());
        let (durable, sequence) = (spec.durable, self.message.sequence);
        let (reason, error) = (failure.reason.as_str(), failure.chain.join(": "));
        let mut attempts = 1;
        loop {
            let storing = dead_letter::store(
                &self.worker.bus,
                spec,
                &self.message,
                self.redriven,
                envelope,
                failure,
            );
            let stored = tokio::select! {
                stored = self.keep_alive(storing) => stored,
                () = self.worker.reached(Phase::Aborting) => return self.hand_back().await,
            };
            let Err(fault) = stored else {
                let words = dead_letter::termination(failure.reason);
                let settled =
                    self.confirmed(Outcome::DeadLettered, || self.settle.terminate(&words));
                let settled = settled.await;
                let attempts = failure.attempts;
                tracing::error!(durable, event_id, sequence, attempts, reason, %error, "dead letter");
                return settled;
            };
            tracing::error!(durable, event_id, sequence, reason, %error, %fault, "no dead letter stored; trying again");
            let pause = retry::doubling(Duration::from_secs(1), BURY_PAUSE, attempts);
            tokio::select! {
                () = self.keep_alive(tokio::time::sleep(pause)) => {}
                () = self.worker.reached(Phase::Finishing) => return self.hand_back().await,
            }
            attempts += 1;
        }
    }

    /// Settles until the broker confirms it, for as long as that makes sense.
    async fn confirmed<F>(&self, outcome: Outcome, settle: impl Fn() -> F) -> Outcome
    where
        F: Future<Output = Result<(), BrokerError>>,
    {
        let mut attempts = 1;
        loop {
            let Err(error) = settle().await else {
                return outcome;
            };
            // An answer that did not come in time does not come: the broker delivers again, as it would anyway.
            let hopeless = !error.is_transient() || matches!(error, BrokerError::TimedOut(_));
            if hopeless || attempts == SETTLE_ATTEMPTS {
                let durable = self.worker.spec.durable;
                tracing::warn!(durable, %error, "settlement not confirmed; the broker may deliver again");
                return Outcome::Unconfirmed;
            }
            tokio::time::sleep(retry::doubling(SETTLE_PAUSE, Duration::from_secs(1), attempts))
                .await;
            attempts += 1;
        }
    }

    /// Awaits `work`, and gives the broker a sign of life three times within the time that it waits for one. The last sign
    /// may lie before this call: what is awaited one after the other must not add up to silence.
    pub(super) async fn keep_alive<T>(&self, work: impl Future<Output = T>) -> T {
        let signs = async {
            loop {
                let signed = *self.signed.lock().unwrap_or_else(PoisonError::into_inner);
                tokio::time::sleep_until(signed + self.worker.spec.ack_wait / 3).await;
                *self.signed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
                // A missed sign is made up for by the next one.
                let _ = self.settle.progress().await;
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            never = signs => never,
        }
    }
}
