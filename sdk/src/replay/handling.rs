//! An event's way to the handler, without a subscription's retries.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;

use super::ReplayError;
use crate::broker::StoredMessage;
use crate::consumer::{DispatchError, Dispatched, HandlerFuture};
use crate::handler::{Common, DeliveryContext, HandlerError, States, Verdict};
use crate::message::envelope::{Data, Envelope};
use crate::message::opened::{OpenError, opened};
use crate::message::personal::Screen;
use crate::resilience::panic::panicked;
use crate::state::inbox::{Mark, Terms};
use crate::{Inbox, InboxError, Reason, Subscriber, Tidings};

/// A subscriber that events are replayed to.
pub(super) struct Handling {
    bus: Tidings,
    subscriber: Subscriber,
    common: Arc<Common>,
    inbox: Option<Inbox>,
}

/// What became of an event.
pub(super) enum Taken {
    Yes,
    /// It is none for this handler, or not in this version.
    No,
    Failed(Reason, Vec<String>),
    /// Not, because it was told to end meanwhile.
    Ended,
}

impl Handling {
    pub(super) async fn new(
        bus: Tidings,
        subscriber: Subscriber,
        states: States,
        inbox: Option<Inbox>,
    ) -> Result<Self, ReplayError> {
        subscriber.dispatch.check(&states)?;
        if subscriber.dispatch.needs().once {
            let durable = subscriber.spec.durable;
            inbox.as_ref().ok_or(ReplayError::NoInbox { durable })?.check().await?;
        }
        bus.keys().fits(subscriber.dispatch.specs().into_iter())?;
        let common = Arc::new(Common {
            bus: bus.clone(),
            service: subscriber.service,
            durable: subscriber.spec.durable,
            attempts: 1,
            replays: true,
            states: Arc::new(states),
        });
        Ok(Self { bus, subscriber, common, inbox })
    }

    pub(super) async fn take(
        &self,
        message: &StoredMessage,
        envelope: Envelope,
        data: Data<'_>,
        stream: &str,
    ) -> Taken {
        let dispatch = &self.subscriber.dispatch;
        let data = match dispatch.takes(&envelope, false) {
            true => match opened(&self.bus, stream, &envelope, &data).await {
                Ok(data) => data,
                Err(error) => return Taken::shut(error),
            },
            // To tell that no handler takes it, nobody needs it.
            false => Cow::Borrowed(""),
        };
        let personal = dispatch.personal(&envelope);
        match self.handle(message, envelope, &data).await {
            Taken::Failed(reason, chain) => {
                Taken::Failed(reason, Screen::of(personal, &data).all(chain))
            }
            taken => taken,
        }
    }

    async fn handle(&self, message: &StoredMessage, envelope: Envelope, data: &str) -> Taken {
        let Subscriber { spec, dispatch, .. } = &self.subscriber;
        let (common, subject) = (Arc::clone(&self.common), message.subject.clone());
        let delivery = DeliveryContext::new(common, envelope, subject, message.sequence, 1, false);
        let delivery = Arc::new(delivery);
        let dispatched = catch_unwind(AssertUnwindSafe(|| dispatch.dispatch(data, &delivery)));
        let (handler, needs) = match dispatched {
            Ok(Ok(Dispatched::Handler(handler, needs))) => (handler, needs),
            Ok(Ok(Dispatched::Skipped) | Err(DispatchError::UnknownEvent(_))) => return Taken::No,
            Ok(Err(error)) => return Taken::failed(&error),
            Err(panic) => {
                return Taken::Failed(Reason::Panicked, vec![panicked("the handler", &*panic)]);
            }
        };
        let Some(inbox) = self.inbox.as_ref().filter(|_| needs.once) else {
            return answered(handler, spec.handler_timeout).await;
        };
        let mark = Mark::new(spec.durable, &delivery.envelope);
        let terms = Terms::of(spec);
        let claim = match inbox.enter(&mark, terms, &needs).await {
            Ok(Some(claim)) => claim,
            Ok(None) => return Taken::No,
            Err(error) => return error.into(),
        };
        if let Some(held) = claim.held() {
            delivery.hold(held);
        }
        match claim.hold(answered(handler, spec.handler_timeout)).await {
            Ok(Taken::Yes) => claim.done().await.map_or_else(Taken::from, |()| Taken::Yes),
            Ok(failed) => {
                claim.release().await;
                failed
            }
            Err(error) => {
                claim.release().await;
                error.into()
            }
        }
    }
}

/// What comes of a handler's work.
async fn answered(handler: HandlerFuture, timeout: Duration) -> Taken {
    let caught = AssertUnwindSafe(handler).catch_unwind();
    match tokio::time::timeout(timeout, caught).await {
        Ok(Ok(Ok(()))) => Taken::Yes,
        Ok(Ok(Err(error))) => {
            let reason = match error.verdict() {
                Verdict::Reject => Reason::Rejected,
                Verdict::Retry | Verdict::RetryAfter(_) => Reason::Failed,
            };
            Taken::Failed(reason, error.chain().collect())
        }
        Ok(Err(panic)) => Taken::Failed(Reason::Panicked, vec![panicked("the handler", &*panic)]),
        Err(_) => {
            let words = format!("no answer within {timeout:?}");
            Taken::Failed(Reason::TimedOut, vec![words])
        }
    }
}

impl From<InboxError> for Taken {
    fn from(error: InboxError) -> Self {
        Self::Failed(Reason::Failed, HandlerError::from(error).chain().collect())
    }
}

impl Taken {
    fn failed(error: &DispatchError) -> Self {
        Self::Failed(reason(error), vec![error.to_string()])
    }

    /// For an event whose payload cannot be had.
    pub(super) fn shut(error: OpenError) -> Self {
        match error {
            OpenError::Payload(error) => Self::failed(&DispatchError::Unavailable(error)),
            OpenError::Encryption(error) => {
                let reason =
                    if error.is_transient() { Reason::Failed } else { Reason::Undecodable };
                Self::Failed(reason, HandlerError::retry(error).chain().collect())
            }
        }
    }
}

pub(super) fn reason(error: &DispatchError) -> Reason {
    match error {
        DispatchError::UnknownEvent(_) => Reason::UnknownEvent,
        DispatchError::OtherVersion { .. } => Reason::OtherVersion,
        DispatchError::OtherOrganization(_) => Reason::OtherOrganization,
        DispatchError::Upcast(_) => Reason::UpcastFailed,
        DispatchError::Payload { .. } | DispatchError::Encrypted(_) => Reason::Undecodable,
        DispatchError::Invalid(_) => Reason::Invalid,
        DispatchError::Unavailable(_) if error.is_final() => Reason::Undecodable,
        DispatchError::Unavailable(_) => Reason::PayloadUnavailable,
    }
}
