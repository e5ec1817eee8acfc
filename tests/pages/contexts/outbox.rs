use sqlx::SqlitePool;
use tidings::outbox::{Outbox, SqliteOutbox};
use tidings::{Config, Subscriber, Tidings};

use super::{Outcome, bus};
use crate::shop::orders::OrderCreated;
use crate::shop::payments::PaymentProcessed;
use crate::shop::{CATALOG, billing, sales};

async fn orders() -> SqlitePool {
    let one = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = one.connect("sqlite::memory:").await.expect("a database");
    let table = "CREATE TABLE orders (order_id TEXT PRIMARY KEY, placed_at TEXT NOT NULL)";
    sqlx::query(table).execute(&pool).await.expect("a table");
    pool
}

#[tokio::test]
async fn both_are_stored_and_one_is_relayed() -> Outcome {
    let (bus, pool) = (bus().await, orders().await);
    let publisher = sales::Publisher::new(&bus).organization("acme");
    let order: OrderCreated = tidings::testing::example();
    shown!(1);
    assert_eq!(outbox.lag().await?.waiting, 1);
    shown!(4);
    Ok(())
}

async fn in_a_file(publisher: billing::Publisher, payment: PaymentProcessed) -> Outcome {
    shown!(2);
    Ok(())
}

async fn relayed(outbox: SqliteOutbox, subscriber: Subscriber) -> Outcome {
    shown!(3);
    Ok(())
}
