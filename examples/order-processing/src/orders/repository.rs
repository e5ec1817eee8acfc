use std::path::Path;

use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use event_catalog::types::{OrderStatus, Tracking};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::types::Json;
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tidings::{Timestamp, Uuid};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS orders (
        order_id TEXT PRIMARY KEY,
        created  TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS order_changes (
        order_id TEXT NOT NULL REFERENCES orders,
        status   TEXT NOT NULL,
        changed  TEXT NOT NULL,
        PRIMARY KEY (order_id, status)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS order_changes_by_status ON order_changes (status);
";

/// The orders, each as the event that began it and the changes since: its status is that of its last change.
#[derive(Clone)]
pub(crate) struct Repository(SqlitePool);

/// An order as it stands.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) created: OrderCreated,
    pub(crate) changes: Vec<OrderStatusChanged>,
}

/// Where an order is to go next.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) status: OrderStatus,
    pub(crate) reason: Option<String>,
    pub(crate) tracking: Option<Tracking>,
}

/// An order could not go further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdvanceError {
    #[error("the order {0} is not in the database")]
    UnknownOrder(Uuid),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Repository {
    /// Opens the database in a file, or one in memory that is gone with the process.
    pub(crate) async fn open(path: Option<&Path>) -> sqlx::Result<Self> {
        let options = match path {
            Some(path) => SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full),
            None => SqliteConnectOptions::new().in_memory(true),
        };
        // SQLite has one writer at a time, and a database in memory lives as long as its connection.
        let pool =
            SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let pool = pool.connect_with(options).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        Ok(Self(pool))
    }

    /// The database, which holds the outbox too.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.0
    }

    /// Begins a change of an order, and of what the world is told of it.
    pub(crate) async fn begin(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.0.begin_with("BEGIN IMMEDIATE").await
    }

    /// Takes an order in, unless it is there already: then it stays as it is.
    pub(crate) async fn insert(
        connection: &mut SqliteConnection,
        order: &OrderCreated,
    ) -> sqlx::Result<bool> {
        let insert = "INSERT INTO orders (order_id, created) VALUES (?, ?) ON CONFLICT DO NOTHING";
        let inserted = sqlx::query(insert)
            .bind(order.order_id.to_string())
            .bind(Json(order))
            .execute(connection)
            .await?;
        Ok(inserted.rows_affected() > 0)
    }

    /// Moves an order forward, and returns the change to announce: none where it has taken the step before, or is past it.
    pub(crate) async fn advance(
        connection: &mut SqliteConnection,
        order_id: Uuid,
        step: Step,
    ) -> Result<Option<OrderStatusChanged>, AdvanceError> {
        let order = load(&mut *connection, order_id).await?;
        let order = order.ok_or(AdvanceError::UnknownOrder(order_id))?;
        let previous_status = order.status();
        if !may_become(previous_status, step.status) {
            return Ok(None);
        }
        let changed = OrderStatusChanged {
            order_id,
            customer_id: order.created.customer_id,
            email: order.created.email,
            previous_status,
            status: step.status,
            changed_at: Timestamp::now(),
            reason: step.reason,
            tracking: step.tracking,
        };
        sqlx::query("INSERT INTO order_changes (order_id, status, changed) VALUES (?, ?, ?)")
            .bind(order_id.to_string())
            .bind(changed.status.to_string())
            .bind(Json(&changed))
            .execute(connection)
            .await?;
        Ok(Some(changed))
    }

    /// An order as it stands.
    pub(crate) async fn order(&self, order_id: Uuid) -> sqlx::Result<Option<Order>> {
        load(&mut *self.0.acquire().await?, order_id).await
    }

    /// How many orders have this status among their changes.
    pub(crate) async fn reached(&self, status: OrderStatus) -> sqlx::Result<u64> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM order_changes WHERE status = ?")
            .bind(status.to_string())
            .fetch_one(&self.0)
            .await?;
        Ok(count.unsigned_abs())
    }
}

impl Order {
    /// How far it has come.
    pub(crate) fn status(&self) -> OrderStatus {
        self.changes.last().map_or(OrderStatus::Pending, |change| change.status)
    }
}

async fn load(connection: &mut SqliteConnection, order_id: Uuid) -> sqlx::Result<Option<Order>> {
    let created = sqlx::query_scalar("SELECT created FROM orders WHERE order_id = ?")
        .bind(order_id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(Json(created)) = created else {
        return Ok(None);
    };
    let changes: Vec<Json<OrderStatusChanged>> =
        sqlx::query_scalar("SELECT changed FROM order_changes WHERE order_id = ? ORDER BY rowid")
            .bind(order_id.to_string())
            .fetch_all(connection)
            .await?;
    Ok(Some(Order { created, changes: changes.into_iter().map(|Json(change)| change).collect() }))
}

/// An order only moves forward, and steps may be left out: stock and money are announced on two streams, and the
/// money may be heard of first.
fn may_become(status: OrderStatus, next: OrderStatus) -> bool {
    let place = |status| match status {
        OrderStatus::Pending => 0,
        OrderStatus::Allocated => 1,
        OrderStatus::Paid => 2,
        OrderStatus::Shipped => 3,
        OrderStatus::Delivered => 4,
        OrderStatus::Cancelled => 5,
    };
    match next {
        OrderStatus::Cancelled => place(status) <= place(OrderStatus::Paid),
        _ => place(status) < place(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn to(status: OrderStatus) -> Step {
        Step { status, reason: None, tracking: None }
    }

    async fn with_an_order() -> (Repository, Uuid) {
        let repository = Repository::open(None).await.expect("a database");
        let order = samples::mugs();
        let mut transaction = repository.begin().await.expect("begun");
        assert!(Repository::insert(&mut transaction, &order).await.expect("stored"));
        assert!(!Repository::insert(&mut transaction, &order).await.expect("there already"));
        transaction.commit().await.expect("committed");
        (repository, order.order_id)
    }

    async fn advance(
        repository: &Repository,
        order_id: Uuid,
        status: OrderStatus,
    ) -> Result<Option<OrderStatusChanged>, AdvanceError> {
        let mut transaction = repository.begin().await.expect("begun");
        let change = Repository::advance(&mut transaction, order_id, to(status)).await?;
        transaction.commit().await.expect("committed");
        Ok(change)
    }

    #[tokio::test]
    async fn an_order_only_moves_forward() {
        use OrderStatus::{Allocated, Cancelled, Delivered, Paid, Pending, Shipped};
        for (steps, changes) in [
            (
                &[Allocated, Paid, Shipped][..],
                &[(Pending, Allocated), (Allocated, Paid), (Paid, Shipped)][..],
            ),
            (&[Paid, Allocated], &[(Pending, Paid)]),
            (&[Allocated, Cancelled, Paid], &[(Pending, Allocated), (Allocated, Cancelled)]),
            (&[Shipped, Cancelled, Delivered], &[(Pending, Shipped), (Shipped, Delivered)]),
        ] {
            let (repository, order_id) = with_an_order().await;
            for status in steps {
                advance(&repository, order_id, *status).await.expect("known");
            }
            let order = repository.order(order_id).await.expect("read").expect("there");
            let made = order.changes.iter().map(|change| (change.previous_status, change.status));
            assert_eq!(made.collect::<Vec<_>>(), changes, "after {steps:?}");
        }
    }

    #[tokio::test]
    async fn a_step_is_taken_and_announced_once() {
        let (repository, order_id) = with_an_order().await;
        let paid = || advance(&repository, order_id, OrderStatus::Paid);
        assert!(paid().await.expect("known").is_some());
        assert_eq!(paid().await.expect("known"), None);
        assert_eq!(repository.reached(OrderStatus::Paid).await.expect("counted"), 1);
    }

    #[tokio::test]
    async fn an_order_that_was_never_placed_cannot_move() {
        let repository = Repository::open(None).await.expect("a database");
        let outcome = advance(&repository, Uuid::now_v7(), OrderStatus::Paid).await;
        assert!(matches!(outcome, Err(AdvanceError::UnknownOrder(_))), "{outcome:?}");
    }
}
