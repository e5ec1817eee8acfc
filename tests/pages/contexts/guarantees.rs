use sqlx::Sqlite;
use tidings::outbox::SqliteOutbox;
use tidings::testing::{self, Fault};
use tidings::{Handled, Inbox, State, Subscription as _, Tx, event_handler};

use super::Outcome;
use crate::shop::orders::OrderCreated;
use crate::shop::payments::PaymentProcessed;
use crate::shop::{CATALOG, billing, sales};

fn charge(order: &OrderCreated) -> PaymentProcessed {
    PaymentProcessed { order_id: order.order_id, ..testing::example() }
}

shown!(1);

#[tokio::test]
async fn a_second_delivery_changes_nothing() -> Outcome {
    let (bus, faults) = testing::embedded();
    bus.ensure(&CATALOG).await?;
    let folder = tempfile::tempdir()?;
    let address = format!("sqlite://{}?mode=rwc", folder.path().join("billing.db").display());
    let pool = sqlx::SqlitePool::connect(&address).await?;
    sqlx::query("CREATE TABLE invoices (order_id TEXT NOT NULL)").execute(&pool).await?;
    let (inbox, outbox) = (Inbox::sqlite(pool.clone()), SqliteOutbox::new(pool.clone()));
    inbox.migrate().await?;
    outbox.migrate().await?;
    let publisher = sales::Publisher::new(&bus).organization("acme");
    publisher.order_created(testing::example()).await?;
    faults.inject(Fault::DeliveryDuplicated);
    let subscriber = billing::collection::Handlers { order_created: collect }.subscriber();
    let run = bus.run(subscriber).inbox(inbox).state(outbox.clone());
    let report = run.until(bus.idle(billing::collection::Subscription::SPEC)).await?;
    assert_eq!((report.handled, report.repeated), (1, 1));
    let (invoices,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM invoices").fetch_one(&pool).await?;
    assert_eq!((invoices, outbox.lag().await?.waiting), (1, 1));
    Ok(())
}
