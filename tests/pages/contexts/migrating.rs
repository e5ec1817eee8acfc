use async_nats::jetstream::consumer::PullConsumer;
use futures_util::StreamExt as _;
use serde::Deserialize;
use tidings::{Timestamp, Uuid};

use super::Outcome;
use crate::shop::orders::OrderCreated;
use crate::shop::sales;

#[derive(Deserialize)]
struct OldOrder {
    id: Uuid,
}

impl OldOrder {
    fn into_event(self, placed_at: Timestamp) -> OrderCreated {
        OrderCreated { order_id: self.id, placed_at, ..tidings::testing::example() }
    }
}

async fn bridged(
    jetstream: async_nats::jetstream::Context,
    publisher: sales::Publisher,
) -> Outcome {
    shown!(1);
    Ok(())
}
