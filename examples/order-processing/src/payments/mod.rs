//! The payment service: charges what was allocated, through a provider that may be away.

mod provider;

use event_catalog::inventory::InventoryAllocated;
use event_catalog::payments::v2::{PaymentProcessedMethod, PaymentProcessedStatus};
use event_catalog::payments::{self, Context, PaymentProcessed};
use tidings::{Handled, Reject, Timestamp, Uuid, event_handler};

pub(crate) use self::provider::PretendProvider;
use self::provider::{Decision, Provider};
use crate::money::euros;
use crate::timeline::Timeline;

/// Charges the customer's card once the stock is there.
pub(crate) struct Collection<P> {
    pub(crate) provider: P,
    pub(crate) timeline: Timeline,
}

#[event_handler]
impl<P: Provider> payments::Collection for Collection<P> {
    async fn inventory_allocated(&self, stock: InventoryAllocated, cx: &Context) -> Handled {
        let (order_id, amount) = (stock.order_id, euros(&stock.amount_due));
        if stock.amount_due.currency != "EUR" {
            let currency = &stock.amount_due.currency;
            Err(Reject::because(format!("the provider takes EUR, not {currency}")))?;
        }
        // An error comes back by itself. When one order after the other has it, the subscription pauses.
        let decision = self
            .provider
            .charge(order_id, &stock.amount_due)
            .await
            .inspect_err(|error| self.timeline.trouble(cx, order_id, error))?;
        match &decision {
            Decision::Taken { .. } => {
                self.timeline.tell(cx, order_id, format_args!("{amount} taken"));
            }
            Decision::Declined(why) => {
                self.timeline.trouble(cx, order_id, format_args!("{amount} declined: {why}"));
            }
        }
        cx.publish(processed(stock, decision)).id(format!("{order_id}.payment")).await?;
        Ok(())
    }
}

fn processed(stock: InventoryAllocated, decision: Decision) -> PaymentProcessed {
    let (status, decline_reason, provider_reference) = match decision {
        Decision::Taken { reference } => (PaymentProcessedStatus::Succeeded, None, Some(reference)),
        Decision::Declined(why) => (PaymentProcessedStatus::Declined, Some(why), None),
    };
    PaymentProcessed {
        payment_id: Uuid::now_v7(),
        order_id: stock.order_id,
        amount: stock.amount_due,
        method: PaymentProcessedMethod::Card,
        card_last4: Some("4242".to_owned()),
        status,
        decline_reason,
        provider_reference,
        processed_at: Timestamp::now(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use event_catalog::inventory::Publisher;
    use event_catalog::payments::v2::PaymentProcessedDeclineReason;
    use event_catalog::types::Money;
    use tidings::testing::{self as fixtures, Fault, example};
    use tidings::{BreakerState, Report, Tidings};

    use super::*;
    use crate::{flow, samples, testing};

    fn stock(cents: u64) -> InventoryAllocated {
        let amount_due = Money { amount_minor: cents, currency: "EUR".to_owned() };
        InventoryAllocated { order_id: Uuid::now_v7(), amount_due, ..example() }
    }

    async fn allocated(bus: &Tidings, stock: InventoryAllocated) {
        let inventory = Publisher::new(bus).organization(samples::ORGANIZATION);
        inventory.inventory_allocated(stock).await.expect("stored");
    }

    /// Runs the handler until `work` is done.
    async fn during(bus: &Tidings, provider: &PretendProvider, work: impl Future) -> Report {
        let collection = Collection { provider: provider.clone(), timeline: Timeline::quiet() };
        let run = bus.run(payments::Collection::subscriber(collection));
        run.until(work).await.expect("it ends well")
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_card_pays_for_is_taken_and_what_it_does_not_is_declined() {
        let (bus, provider) = (testing::bus().await, PretendProvider::default());
        allocated(&bus, stock(9438)).await;
        allocated(&bus, stock(129_900)).await;
        during(&bus, &provider, flow::settled(&bus, &[flow::COLLECTION])).await;
        let payments = testing::published::<PaymentProcessed>(&bus).await;
        let told: Vec<_> = payments.iter().map(|one| (one.status, one.decline_reason)).collect();
        let limit = Some(PaymentProcessedDeclineReason::LimitExceeded);
        let (taken, declined) =
            (PaymentProcessedStatus::Succeeded, PaymentProcessedStatus::Declined);
        assert_eq!(told, [(taken, None), (declined, limit)]);
        assert_eq!(provider.payments(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_that_comes_again_is_one_payment() {
        let (bus, faults) = fixtures::embedded();
        testing::prepare(&bus).await;
        let provider = PretendProvider::default();
        for fault in [Fault::DeliveryDuplicated, Fault::SettlementLost] {
            faults.inject(fault);
        }
        allocated(&bus, stock(9438)).await;
        during(&bus, &provider, flow::settled(&bus, &[flow::COLLECTION])).await;
        assert_eq!(faults.struck().len(), 2);
        assert_eq!(provider.payments(), 1);
        assert_eq!(testing::published::<PaymentProcessed>(&bus).await.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn while_the_provider_is_away_nothing_is_given_up_and_then_each_pays_once() {
        const ORDERS: usize = 30;
        let (bus, provider) = (testing::bus().await, PretendProvider::default());
        provider.leave();
        let outage = async {
            // Orders come in one after the other, for longer than all attempts that the catalog allows one of them.
            for _ in 0..ORDERS {
                allocated(&bus, stock(9438)).await;
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            let state = bus.breaker(flow::COLLECTION);
            let is_closed = matches!(state, Some(BreakerState::Closed { .. }));
            assert!(state.is_some() && !is_closed, "{state:?}");
            provider.come_back();
            flow::settled(&bus, &[flow::COLLECTION]).await.expect("idle");
            let closed = Some(BreakerState::Closed { failures: 0 });
            assert_eq!(bus.breaker(flow::COLLECTION), closed);
        };
        let report = during(&bus, &provider, outage).await;
        assert_eq!((report.handled, report.dead_lettered), (ORDERS as u64, 0));
        assert_eq!(provider.payments(), ORDERS);
        assert_eq!(testing::published::<PaymentProcessed>(&bus).await.len(), ORDERS);
    }
}
