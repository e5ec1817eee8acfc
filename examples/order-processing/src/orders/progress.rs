use event_catalog::orders::Context;
use event_catalog::types::OrderStatus;
use tidings::{Handled, Reject, Uuid};

use super::{AdvanceError, Repository, Step};
use crate::timeline::Timeline;

/// What the handlers of the order service share: an order takes a step, and the world hears of it.
///
/// The database first, the event second. Where the second fails the handler runs again, finds the change made and
/// announces it under the same id, so that the stream drops what it has already.
pub(crate) struct Progress {
    pub(super) repository: Repository,
    pub(super) timeline: Timeline,
}

impl Progress {
    pub(super) async fn advance(&self, order_id: Uuid, step: Step, cx: &Context) -> Handled {
        let next = step.status;
        let change = match self.repository.advance(order_id, step).await {
            Err(unknown @ AdvanceError::UnknownOrder(_)) => Err(Reject::because(unknown))?,
            outcome => outcome?,
        };
        let Some(change) = change else {
            self.timeline.tell(cx, order_id, format_args!("{next} comes late: nothing to do"));
            return Ok(());
        };
        let (previous, status) = (change.previous_status, change.status);
        self.timeline.tell(cx, order_id, format_args!("{previous} → {status}"));
        cx.publish(change).id(change_id(order_id, status)).await?;
        Ok(())
    }
}

/// The id of the event that tells of a change: one change, one event, however often it is published.
pub(super) fn change_id(order_id: Uuid, status: OrderStatus) -> String {
    format!("{order_id}.{status}")
}
