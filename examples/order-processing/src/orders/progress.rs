use event_catalog::orders::Context;
use tidings::outbox::Outbox;
use tidings::{Handled, Reject, Uuid};

use super::{AdvanceError, Database, Repository, Step};
use crate::timeline::Timeline;

/// What the handlers of the order service share: an order takes a step, and the world hears of it.
///
/// Both are one transaction, with the mark that the event was handled. Where it fails, the handler runs again and finds nothing
/// done; what comes again after it is not handed out again.
pub(crate) struct Progress<DB: Database> {
    pub(super) outbox: Outbox<DB>,
    pub(super) timeline: Timeline,
}

impl<DB: Database> Progress<DB> {
    pub(super) async fn advance(&self, order_id: Uuid, step: Step, cx: &Context) -> Handled {
        let mut transaction = cx.transaction::<DB>().await?;
        let next = step.status;
        let change = match Repository::<DB>::advance(&mut transaction, order_id, step).await {
            Err(unknown @ AdvanceError::UnknownOrder(_)) => Err(Reject::because(unknown))?,
            outcome => outcome?,
        };
        let Some(change) = change else {
            self.timeline.tell(cx, order_id, format_args!("{next} comes late: nothing to do"));
            return Ok(());
        };
        let told = format!("{} → {}", change.previous_status, change.status);
        self.outbox.publish(&mut transaction, cx.publish(change)).await?;
        self.timeline.tell(cx, order_id, told);
        Ok(())
    }
}
