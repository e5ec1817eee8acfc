//! Explains to planners why a buffer changed, and what to do.

use event_catalog::ai_hub::{Context, Service, buffer_watch};
use event_catalog::ddmrp::{
    BufferAlertTriggered, BufferAlertTriggeredKind as Kind, BufferStatusChanged,
};
use event_catalog::types::{BufferZone, NetFlow};
use tidings::{Handled, State, Subscriber, event_handler};

use crate::journal::Journal;

/// The subscription. Its run has a [`Journal`] as state.
pub(super) fn subscriber() -> Subscriber {
    buffer_watch::Handlers { buffer_status_changed: explain, buffer_alert_triggered: advise }
        .subscriber()
}

#[event_handler(buffer_watch)]
async fn explain(
    change: BufferStatusChanged,
    cx: Context,
    State(journal): State<Journal>,
) -> Handled {
    let name = journal.name(change.product_id);
    let BufferStatusChanged { previous_zone, zone, net_flow, percent_of_green, .. } = change;
    journal.tell::<Service>(format_args!(
        "{name}: {previous_zone} → {zone}, at {percent_of_green} % of green: {}",
        equation(&net_flow)
    ));
    journal.handled(&cx);
    Ok(())
}

#[event_handler(buffer_watch)]
async fn advise(
    alert: BufferAlertTriggered,
    cx: Context,
    State(journal): State<Journal>,
) -> Handled {
    let name = journal.name(alert.product_id);
    journal.tell::<Service>(format_args!("{name}: {}: {}", alert.severity, advice(&alert)));
    journal.handled(&cx);
    Ok(())
}

fn advice(alert: &BufferAlertTriggered) -> String {
    let on_hand = alert.net_flow.on_hand;
    match (alert.kind, &alert.replenishment) {
        (Kind::Replenishment, Some(order)) if alert.zone == BufferZone::Red => {
            format!("order {} today, and expedite what is on its way", order.quantity)
        }
        (Kind::Replenishment, Some(order)) => {
            format!("order {} by {}", order.quantity, order.order_by)
        }
        (Kind::Replenishment, None) => "order".to_owned(),
        (Kind::LowOnHand, _) => {
            format!("{on_hand} on hand is deep in red: expedite what is on order")
        }
        (Kind::Stockout, _) => "nothing is on hand: expedite, and tell who waits".to_owned(),
        (Kind::Excess, _) => "there is more than the top of green: stop ordering".to_owned(),
    }
}

/// `210 on hand + 0 on order − 60 qualified demand = 150`.
fn equation(flow: &NetFlow) -> String {
    let NetFlow { on_hand, on_order, qualified_demand, position } = flow;
    format!("{on_hand} on hand + {on_order} on order − {qualified_demand} demand = {position}")
}
