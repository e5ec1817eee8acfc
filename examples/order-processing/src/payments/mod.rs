//! The payment service: charges what was allocated.

use event_catalog::inventory::InventoryAllocated;
use event_catalog::payments::v2::{
    PaymentProcessedDeclineReason, PaymentProcessedMethod, PaymentProcessedStatus,
};
use event_catalog::payments::{self, Context, PaymentProcessed};
use tidings::{Handled, Reject, Timestamp, Uuid, event_handler};

use crate::money::euros;
use crate::timeline::Timeline;

/// What the customer's card pays for at most, in cents.
const CARD_LIMIT: u64 = 100_000;

/// Charges the customer's card once the stock is there.
pub(crate) struct Collection {
    timeline: Timeline,
}

impl Collection {
    pub(crate) fn new(timeline: Timeline) -> Self {
        Self { timeline }
    }
}

#[event_handler]
impl payments::Collection for Collection {
    async fn inventory_allocated(&self, stock: InventoryAllocated, cx: &Context) -> Handled {
        let order_id = stock.order_id;
        if stock.amount_due.currency != "EUR" {
            let currency = &stock.amount_due.currency;
            Err(Reject::because(format!("the provider takes EUR, not {currency}")))?;
        }
        let payment = charge(stock);
        let amount = euros(&payment.amount);
        match payment.decline_reason {
            None => self.timeline.tell(cx, order_id, format_args!("{amount} taken")),
            Some(why) => {
                self.timeline.trouble(cx, order_id, format_args!("{amount} declined: {why}"));
            }
        }
        cx.publish(payment).id(format!("{order_id}.payment")).await?;
        Ok(())
    }
}

/// The payment provider.
fn charge(stock: InventoryAllocated) -> PaymentProcessed {
    let declined = stock.amount_due.amount_minor > CARD_LIMIT;
    PaymentProcessed {
        payment_id: Uuid::now_v7(),
        order_id: stock.order_id,
        amount: stock.amount_due,
        method: PaymentProcessedMethod::Card,
        card_last4: Some("4242".to_owned()),
        status: if declined {
            PaymentProcessedStatus::Declined
        } else {
            PaymentProcessedStatus::Succeeded
        },
        decline_reason: declined.then_some(PaymentProcessedDeclineReason::LimitExceeded),
        provider_reference: None,
        processed_at: Timestamp::now(),
    }
}
