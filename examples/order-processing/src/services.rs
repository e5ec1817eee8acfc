//! The five services, in one process.

use std::time::Duration;

use event_catalog::{inventory, orders, payments};
use tidings::{Report, Tidings};
use tokio::sync::oneshot;

use crate::flow;
use crate::inventory::Allocation;
use crate::notifications::{self, Mailer};
use crate::order_book::{self, OrderBook};
use crate::orders::OrderService;
use crate::output::say;
use crate::payments::Collection;
use crate::timeline::Timeline;

/// How long to wait before looking into the outbox again.
const PAUSE: Duration = Duration::from_millis(10);

/// Runs all handlers, and the order service's relay, while `work` is done. They end in good order after it, or when the
/// process is told to end; with `stays`, not before the latter. The relay is the last, so that it has what the handlers have left.
pub(crate) async fn run_during<T>(
    bus: &Tidings,
    orders: &OrderService,
    timeline: &Timeline,
    book: &OrderBook,
    work: impl Future<Output = anyhow::Result<T>>,
    stays: bool,
) -> anyhow::Result<(T, Report)> {
    let handlers = bus
        .run(inventory::Allocation::subscriber(Allocation::new(timeline.clone())))
        .and(orders::Reservation::subscriber(orders.reservation()))
        .and(payments::Collection::subscriber(Collection::new(timeline.clone())))
        .and(orders::Fulfilment::subscriber(orders.fulfilment()))
        .and(notifications::customer_mail())
        .and(order_book::subscriber())
        .state(Mailer::new(timeline.clone()))
        .state(book.clone());
    let mut outcome = Err(anyhow::anyhow!("interrupted"));
    let work_or_interrupt = async {
        tokio::select! {
            done = work => outcome = done,
            () = tidings::shutdown_signal() => {}
        }
        if stays && outcome.is_ok() {
            say("Done. The services stay until Ctrl-C.");
            tidings::shutdown_signal().await;
        }
    };
    let (end, ended) = oneshot::channel::<()>();
    let handling = async {
        let report = handlers.until(work_or_interrupt).await;
        drop(end);
        report
    };
    let (report, relayed) = tokio::join!(handling, orders.outbox().relay(bus).until(ended));
    relayed?;
    Ok((outcome?, report?))
}

/// Waits until all services have come to rest: nothing is left to be relayed or handled.
pub(crate) async fn settled(bus: &Tidings, orders: &OrderService) -> anyhow::Result<()> {
    for subscription in flow::ALL {
        // What the subscriptions before it led to is on its way by then.
        while orders.outbox().lag().await?.waiting > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        flow::settled(bus, &[subscription]).await?;
    }
    Ok(())
}
