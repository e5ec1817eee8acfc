//! The five services, in one process.

use event_catalog::{inventory, orders, payments};
use tidings::{Report, Tidings};

use crate::inventory::Allocation;
use crate::notifications::{self, Mailer};
use crate::order_book::{self, OrderBook};
use crate::orders::OrderService;
use crate::payments::Collection;
use crate::timeline::Timeline;

/// Runs all handlers while `work` is done. They end in good order after it, or when the process is told to end.
pub(crate) async fn run_during<T>(
    bus: &Tidings,
    orders: &OrderService,
    timeline: &Timeline,
    book: &OrderBook,
    work: impl Future<Output = anyhow::Result<T>>,
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
    };
    let report = handlers.until(work_or_interrupt).await?;
    Ok((outcome?, report))
}
