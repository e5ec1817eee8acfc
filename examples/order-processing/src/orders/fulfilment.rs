use event_catalog::orders::{self, Context};
use event_catalog::payments::PaymentProcessed;
use event_catalog::payments::v2::PaymentProcessedStatus;
use event_catalog::types::OrderStatus;
use tidings::{Handled, event_handler};

use super::Step;
use super::progress::Progress;

/// The payment is decided: the order is `paid`, or `cancelled`.
pub(crate) struct Fulfilment(pub(crate) Progress);

#[event_handler]
impl orders::Fulfilment for Fulfilment {
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
