//! One attempt: what the handler needs is fetched and decrypted, and it is called and waited for.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::task::unconstrained;
use tokio::time::Instant;
use tracing::Span;

use super::ended::Ended;
use super::payload::Payload;
use super::phase::Phase;
use super::task::Task;
use super::{DispatchError, Dispatched, HandlerFuture};
use crate::handler::DeliveryContext;
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
        delivery: &Arc<DeliveryContext>,
        payload: &Payload,
        decrypted: &mut Option<String>,
    ) -> Ended {
        let begun = Instant::now();
        let ended = self.prepared_and_answered(delivery, payload, decrypted, begun).await;
        let failing = ended.failing();
        if let Some(failing) = failing {
            traces::failed(&Span::current(), failing.as_str());
        }
        self.worker.figures.attempted(self.counted, begun, ended.is_of_handler(), failing);
        ended
    }

    async fn prepared_and_answered(
        &self,
        delivery: &Arc<DeliveryContext>,
        payload: &Payload,
        decrypted: &mut Option<String>,
        mut begun: Instant,
    ) -> Ended {
        if let Some(claim) = payload.missing()
            // Nobody fetches what no handler takes; to tell so, nobody needs it.
            && self.worker.takes(delivery)
        {
            if let Some(ended) = Box::pin(self.fetch(claim, payload)).await {
                return ended;
            }
            begun = Instant::now();
        }
        if decrypted.is_none() && self.worker.decrypts(delivery) {
            let decrypting = self.decrypt(&delivery.envelope, payload.text(), decrypted);
            if let Some(ended) = Box::pin(decrypting).await {
                return ended;
            }
            begun = Instant::now();
        }
        let data = decrypted.as_deref().unwrap_or_else(|| payload.text());
        self.answer(delivery, data, begun).await
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
    async fn answer(&self, delivery: &Arc<DeliveryContext>, data: &str, begun: Instant) -> Ended {
        let worker = self.worker;
        let dispatched =
            catch_unwind(AssertUnwindSafe(|| worker.dispatch.dispatch(data, delivery)));
        let (handler, needs) = match dispatched {
            Ok(Ok(Dispatched::Handler(handler, needs))) => (handler, needs),
            Ok(Ok(Dispatched::Skipped)) => return Ended::Skipped,
            Ok(Err(error)) => return Ended::Undispatched(error),
            Err(panic) => return Ended::Panicked(panicked("the handler", &*panic)),
        };
        match &worker.inbox {
            Some(inbox) if needs.once => {
                Box::pin(self.answer_once(inbox, handler, &needs, delivery)).await
            }
            _ => self.end(handler, None, begun).await,
        }
    }

    /// Runs the handler to its end, while its event is claimed where it is.
    pub(super) async fn end(
        &self,
        handler: HandlerFuture,
        claim: Option<&Claim>,
        begun: Instant,
    ) -> Ended {
        let caught = AssertUnwindSafe(handler).catch_unwind();
        tokio::select! {
            biased;
            answer = caught => match answer {
                Ok(answer) => Ended::Answered(answer),
                Err(panic) => Ended::Panicked(panicked("the handler", &*panic)),
            },
            // In a box that is made only where the handler's first step is not its last; and whatever it has left of the task's turn,
            // or one that always uses it up would never be given up.
            ended = async { Box::pin(unconstrained(self.given_up(claim, begun))).await } => ended,
        }
    }

    /// Returns once the handler is not to be waited for any longer. Until then its event is kept for it.
    async fn given_up(&self, claim: Option<&Claim>, begun: Instant) -> Ended {
        let left = self.worker.spec.handler_timeout.saturating_sub(begun.elapsed());
        let lost = async {
            match claim {
                Some(claim) => claim.renewed().await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = tokio::time::sleep(left) => Ended::TimedOut,
            lost = self.keep_alive(lost) => match lost {
                InboxError::Lost => Ended::Lost,
                error => Ended::Answered(Err(error.into())),
            },
            () = self.worker.reached(Phase::Aborting) => Ended::Aborted,
        }
    }
}
