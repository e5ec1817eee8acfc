use std::sync::Arc;

use tidings::{Handled, Subscription as _, Uuid, event_handler};
use tokio::sync::Mutex;

use super::{Outcome, bus};
use crate::shop::orders::{OrderCreated, OrderShipped};
use crate::shop::{billing, sales};

#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<Vec<&'static str>>>);

impl Ledger {
    async fn open(&self, _: Uuid) -> Handled {
        let mut steps = self.0.lock().await;
        let begun = !steps.is_empty();
        steps.push("open");
        if begun { Ok(()) } else { Err(std::io::Error::other("it is away"))? }
    }

    async fn close(&self, _: Uuid) -> Handled {
        self.0.lock().await.push("close");
        Ok(())
    }
}

shown!(1);

#[tokio::test(start_paused = true)]
async fn a_shipment_waits_for_its_order() -> Outcome {
    let bus = bus().await;
    let publisher = sales::Publisher::new(&bus).organization("acme");
    publisher.order_created(tidings::testing::example()).await?;
    publisher.order_shipped(tidings::testing::example()).await?;
    let ledger = Ledger::default();
    let run = bus.run(billing::Bookkeeping::subscriber(ledger.clone()));
    run.until(bus.idle(billing::bookkeeping::Subscription::SPEC)).await?;
    assert_eq!(*ledger.0.lock().await, ["open", "open", "close"]);
    Ok(())
}
