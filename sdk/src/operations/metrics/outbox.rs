//! What waits in an outbox, looked at now and then.

use std::time::Duration;

use metrics::gauge;

use super::names;
use crate::Dialect;
use crate::outbox::Outbox;

/// Samples an outbox while its relay runs, at once and then after each `pause`, for as long as it is polled.
pub(crate) async fn sample_outbox<DB: Dialect>(outbox: Outbox<DB>, pause: Duration) {
    let pending = gauge!(names::OUTBOX_PENDING);
    let oldest = gauge!(names::OUTBOX_OLDEST);
    let dead = gauge!(names::OUTBOX_DEAD);
    loop {
        match outbox.lag().await {
            Ok(lag) => {
                pending.set(lag.waiting as f64);
                oldest.set(lag.oldest.unwrap_or_default().as_secs_f64());
                dead.set(lag.dead as f64);
            }
            Err(error) => tracing::debug!(%error, "the outbox cannot be sampled"),
        }
        tokio::time::sleep(pause).await;
    }
}
