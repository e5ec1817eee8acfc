use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use tidings::{Handled, Timestamp};

use super::{Outcome, samples};

struct Projection;

impl event_catalog::analytics::OrderBook for Projection {
    async fn order_created(
        &self,
        _: OrderCreated,
        _: &event_catalog::analytics::Context,
    ) -> Handled {
        Ok(())
    }

    async fn order_status_changed(
        &self,
        _: OrderStatusChanged,
        _: &event_catalog::analytics::Context,
    ) -> Handled {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_comes_again() -> Outcome {
    let bus = samples().await;
    let publisher = event_catalog::orders::Publisher::new(&bus).organization("acme");
    publisher.order_created(tidings::testing::example()).await?;
    let (projection, yesterday) = (Projection, Timestamp::UNIX_EPOCH);
    let folder = tempfile::tempdir()?;
    std::env::set_current_dir(&folder)?;
    shown!(1);
    assert_eq!(replayed.events, 1);
    Ok(())
}
