use std::time::Duration;

use sqlx::Sqlite;
use tidings::kv::BucketConfig;
use tidings::{Handled, Inbox, Tidings, Tx, event_handler};

use super::{Outcome, bus};
use crate::shop::billing;
use crate::shop::orders::OrderCreated;

async fn run(bus: Tidings, pool: sqlx::SqlitePool) -> Outcome {
    shown!(1);
    Ok(())
}

#[tokio::test]
async fn marks_can_lie_in_a_bucket() -> Outcome {
    let bus = bus().await;
    shown!(2);
    Ok(())
}
