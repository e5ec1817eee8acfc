//! An event whose handler is called once: the inbox is asked before, and told afterwards.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::HandlerFuture;
use super::ended::Ended;
use super::phase::Phase;
use super::task::Task;
use crate::handler::{DeliveryContext, Needs};
use crate::state::inbox::{Inbox, Mark, Terms};

/// How long the inbox may take once the run is to end. What another instance is handling is not waited for any longer.
const ENTERING: Duration = Duration::from_secs(2);

impl Task<'_> {
    /// Runs the handler to its end, unless the event was handled before; waits while somebody else handles it.
    ///
    /// The mark comes before the acknowledgement: what dies between the two is known when the event comes again.
    pub(super) async fn answer_once(
        &self,
        inbox: &Inbox,
        handler: HandlerFuture,
        needs: &Needs,
        delivery: &Arc<DeliveryContext>,
    ) -> Ended {
        let spec = self.worker.spec;
        let mark = Mark::new(spec.durable, &delivery.envelope);
        let terms = Terms::of(spec);
        let late = async {
            self.worker.reached(Phase::Finishing).await;
            tokio::select! {
                () = tokio::time::sleep(ENTERING) => {}
                () = self.worker.reached(Phase::Aborting) => {}
            }
        };
        let entered = tokio::select! {
            biased;
            () = late => return Ended::Aborted,
            entered = self.keep_alive(inbox.enter(&mark, terms, needs)) => entered,
        };
        let claim = match entered {
            Ok(Some(claim)) => claim,
            Ok(None) => return Ended::Repeated,
            Err(error) => return Ended::Answered(Err(error.into())),
        };
        if let Some(held) = claim.held() {
            delivery.hold(held);
        }
        let ended = self.end(handler, Some(&claim), Instant::now()).await;
        let Ended::Answered(Ok(())) = ended else {
            self.keep_alive(claim.release()).await;
            return ended;
        };
        tokio::select! {
            marked = self.keep_alive(claim.done()) => {
                Ended::Answered(marked.map_err(Into::into))
            }
            () = self.worker.reached(Phase::Aborting) => Ended::Aborted,
        }
    }
}
