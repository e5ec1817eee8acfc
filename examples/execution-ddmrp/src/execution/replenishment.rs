//! Turns a buffer's alert into a purchase order: one, however often the alert comes.

use event_catalog::ddmrp::BufferAlertTriggered;
use event_catalog::execution::{Context, Service, replenishment};
use sqlx::Sqlite;
use tidings::outbox::SqliteOutbox;
use tidings::{Handled, State, Subscriber, Tx, event_handler};

use super::purchasing::Want;
use crate::journal::Journal;

/// The subscription. Its run has the outbox and a [`Journal`] as states.
pub(super) fn subscriber() -> Subscriber {
    replenishment::Handlers { buffer_alert_triggered: replenish }.subscriber()
}

#[event_handler(replenishment)]
async fn replenish(
    alert: BufferAlertTriggered,
    cx: Context,
    State(outbox): State<SqliteOutbox>,
    State(journal): State<Journal>,
    mut tx: Tx<Sqlite>,
) -> Handled {
    let name = journal.name(alert.product_id);
    // Only one kind of alert is about ordering, and what we make ourselves is not bought.
    let wanted = alert.replenishment.and_then(|wanted| Some((wanted.supplier_id?, wanted)));
    let Some((supplier_id, wanted)) = wanted else {
        journal.tell::<Service>(format_args!("{name}: {}: nothing to order", alert.kind));
        journal.handled(&cx);
        return Ok(());
    };
    let correlation_id = cx.envelope().correlation_id.as_deref().unwrap_or(cx.event_id());
    let want = Want {
        organization: cx.tenant()?,
        product_id: alert.product_id,
        supplier_id,
        warehouse: &alert.warehouse,
        quantity: wanted.quantity,
        ordered_on: wanted.order_by,
        alert_id: Some(alert.alert_id),
        correlation_id: correlation_id.to_owned(),
    };
    // A product or supplier that the copy of the catalog does not have yet is tried again.
    let order = want.order(&mut tx, &outbox, &cx.publisher()).await?;
    journal.tell::<Service>(format_args!(
        "{name}: {} for {}, expected on {}",
        order.number, wanted.quantity, order.expected_on
    ));
    journal.handled(&cx);
    Ok(())
}
