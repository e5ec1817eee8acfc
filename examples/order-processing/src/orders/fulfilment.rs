use event_catalog::orders::{self, Context};
use event_catalog::payments::PaymentProcessed;
use event_catalog::payments::v2::PaymentProcessedStatus;
use event_catalog::types::OrderStatus;
use tidings::{Handled, event_handler};

use super::progress::Progress;
use super::{Database, Step};

/// The payment is decided: the order is `paid`, or `cancelled`.
pub(crate) struct Fulfilment<DB: Database>(pub(crate) Progress<DB>);

#[event_handler(idempotent = true)]
impl<DB: Database> orders::Fulfilment for Fulfilment<DB> {
    async fn payment_processed(&self, payment: PaymentProcessed, cx: &Context) -> Handled {
        let (status, reason) = match (payment.status, payment.decline_reason) {
            (PaymentProcessedStatus::Succeeded, _) => (OrderStatus::Paid, None),
            (PaymentProcessedStatus::Declined, Some(why)) => {
                let why = why.to_string().replace('_', " ");
                (OrderStatus::Cancelled, Some(format!("The payment was declined: {why}.")))
            }
            (PaymentProcessedStatus::Declined, None) => {
                (OrderStatus::Cancelled, Some("The payment was declined.".to_owned()))
            }
        };
        self.0.advance(payment.order_id, Step { status, reason, tracking: None }, cx).await
    }
}
