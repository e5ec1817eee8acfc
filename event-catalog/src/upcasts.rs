//! The upcasts that have to calculate: `by: rust` in the catalog.
#![allow(deprecated, reason = "old versions are what upcasts begin with")]

use tidings::{Upcast, UpcastError};

use crate::types::{Money, OrderLine};
use crate::{orders, payments};

impl Upcast<orders::v1::OrderCreated> for orders::v2::OrderCreated {
    fn upcast(old: orders::v1::OrderCreated) -> Result<Self, UpcastError> {
        let email = old.email.ok_or_else(|| UpcastError::because("the order has no `email`"))?;
        let lines = old.lines.into_iter().zip(1..).map(|(line, line_number)| {
            Ok(OrderLine {
                line_number,
                product_id: line.product_id,
                sku: line.sku,
                quantity: line.quantity,
                unit_price: euros(line.unit_price)?,
            })
        });
        Ok(Self {
            order_id: old.order_id,
            customer_id: old.customer_id,
            email,
            placed_at: old.placed_at,
            lines: lines.collect::<Result<_, UpcastError>>()?,
            shipping_fee: euros(old.shipping_fee)?,
            total: euros(old.total)?,
            shipping_address: old.shipping_address,
            note: None,
        })
    }
}

impl Upcast<payments::v1::PaymentProcessed> for payments::v2::PaymentProcessed {
    fn upcast(old: payments::v1::PaymentProcessed) -> Result<Self, UpcastError> {
        use payments::v1::PaymentProcessedStatus as Before;
        use payments::v2::{
            PaymentProcessedDeclineReason as Reason, PaymentProcessedMethod as Method,
            PaymentProcessedStatus as Status,
        };

        let (status, decline_reason) = match old.status {
            Before::Succeeded => (Status::Succeeded, None),
            Before::Failed => (Status::Declined, Some(Reason::Other)),
        };
        Ok(Self {
            payment_id: old.payment_id,
            order_id: old.order_id,
            amount: euros(old.amount)?,
            // There was nothing else to pay with.
            method: Method::Card,
            card_last4: None,
            status,
            decline_reason,
            provider_reference: None,
            processed_at: old.processed_at,
        })
    }
}

/// Amounts were numbers of euros.
fn euros(amount: f64) -> Result<Money, UpcastError> {
    let cents = (amount * 100.0).round();
    if !(0.0..=1e15).contains(&cents) {
        return Err(UpcastError::because(format!("{amount} is no amount of euros")));
    }
    Ok(Money { amount_minor: cents as u64, currency: "EUR".to_owned() })
}
