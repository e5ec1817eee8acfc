use event_catalog::orders::Context;
use tidings::outbox::SqliteOutbox;
use tidings::{Handled, Reject, Uuid};

use super::{AdvanceError, Repository, Step};
use crate::timeline::Timeline;

/// What the handlers of the order service share: an order takes a step, and the world hears of it.
///
/// Both are one transaction. Where it fails, the handler runs again and finds nothing done; where the handler runs again
/// after it, it finds nothing to do.
pub(crate) struct Progress {
    pub(super) repository: Repository,
    pub(super) outbox: SqliteOutbox,
    pub(super) timeline: Timeline,
}

impl Progress {
    pub(super) async fn advance(&self, order_id: Uuid, step: Step, cx: &Context) -> Handled {
        let next = step.status;
        let mut transaction = self.repository.begin().await?;
        let change = match Repository::advance(&mut transaction, order_id, step).await {
            Err(unknown @ AdvanceError::UnknownOrder(_)) => Err(Reject::because(unknown))?,
            outcome => outcome?,
        };
        let Some(change) = change else {
            self.timeline.tell(cx, order_id, format_args!("{next} comes late: nothing to do"));
            return Ok(());
        };
        let told = format!("{} → {}", change.previous_status, change.status);
        self.outbox.publish(&mut transaction, cx.publish(change)).await?;
        transaction.commit().await?;
        self.timeline.tell(cx, order_id, told);
        Ok(())
    }
}
