//! One attempt: what the handler needs is fetched and decrypted, and it is called and waited for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tracing::Span;

use super::ended::Ended;
use super::payload::Payload;
use super::phase::Phase;
use super::task::Task;
use super::{DispatchError, Dispatched, HandlerFuture};
use crate::message::claim;
use crate::message::envelope::Envelope;
use crate::operations::traces;
use crate::resilience::panic::panicked;
use crate::state::inbox::Claim;
use crate::{InboxError, encryption};

impl Task<'_> {
    /// Calls the handler with the event, and says how that ended. What was decrypted for it is kept for the next attempt.
    pub(super) async fn attempt(
        &self,
        envelope: &Arc<Envelope>,
        payload: &Payload,
        attempt: u64,
        decrypted: &mut Option<String>,
    ) -> Ended {
        let figures = &self.worker.figures;
        let begun = figures.begin();
        let ended = self.prepared_and_answered(envelope, payload, attempt, decrypted).await;
        let failing = ended.failing();
        if let Some(failing) = failing {
            traces::failed(&Span::current(), failing.as_str());
        }
        figures.attempted(&envelope.event_type, &begun, ended.is_of_handler(), failing);
        ended
    }

    async fn prepared_and_answered(
        &self,
        envelope: &Arc<Envelope>,
        payload: &Payload,
        attempt: u64,
        decrypted: &mut Option<String>,
    ) -> Ended {
        if let Some(claim) = payload.missing()
            // Nobody fetches what no handler takes; to tell so, nobody needs it.
            && self.worker.dispatch.takes(envelope, self.worker.begun(attempt))
            && let Some(ended) = Box::pin(self.fetch(claim, payload)).await
        {
            return ended;
        }
        if decrypted.is_none()
            && self.worker.decrypts(envelope, attempt)
            && let Some(ended) = Box::pin(self.decrypt(envelope, payload.text(), decrypted)).await
        {
            return ended;
        }
        let data = decrypted.as_deref().unwrap_or_else(|| payload.text());
        self.answer(envelope, data, attempt).await
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

    /// Runs the handler to its end, with signs of life for it, and through its panics.
    async fn answer(&self, envelope: &Arc<Envelope>, data: &str, attempt: u64) -> Ended {
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
        let bounded = pin!(tokio::time::timeout(self.worker.spec.handler_timeout, caught));
        // Pinned, and what few need in a box, so that every delivery's future stays small.
        let held = pin!(async {
            match claim {
                Some(claim) => Box::pin(claim.hold(bounded)).await,
                None => Ok(bounded.await),
            }
        });
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
}
