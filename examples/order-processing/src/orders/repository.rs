use std::path::Path;

use event_catalog::orders::{OrderCreated, OrderStatusChanged};
use event_catalog::types::{OrderStatus, Tracking};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Pool, Postgres, Sqlite, Transaction};
use tidings::{Timestamp, Uuid};

use super::Database;

const SCHEMA: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS orders (order_id TEXT PRIMARY KEY, created TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS order_changes (
        order_id TEXT NOT NULL REFERENCES orders,
        status   TEXT NOT NULL,
        changed  TEXT NOT NULL,
        PRIMARY KEY (order_id, status)
    )",
    "CREATE INDEX IF NOT EXISTS order_changes_by_status ON order_changes (status)",
];

/// Handlers at work have a connection each, and commands theirs.
const CONNECTIONS: u32 = 16;

/// The orders, each as the event that began it and the changes since: its status is that of its last change.
#[derive(Clone)]
pub(crate) struct Repository<DB: Database>(Pool<DB>);

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

impl Repository<Sqlite> {
    /// Opens the database in a file, or one in memory that is gone with the process.
    pub(crate) async fn sqlite(path: Option<&Path>) -> sqlx::Result<Self> {
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
        Self::on(pool.connect_with(options).await?).await
    }
}

impl Repository<Postgres> {
    /// Connects to the server at this address.
    pub(crate) async fn postgres(url: &str) -> sqlx::Result<Self> {
        Self::on(PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await?).await
    }
}

impl<DB: Database> Repository<DB> {
    async fn on(pool: Pool<DB>) -> sqlx::Result<Self> {
        let mut connection = pool.acquire().await?;
        for statement in SCHEMA {
            DB::write(&mut connection, statement, &[]).await?;
        }
        Ok(Self(pool))
    }

    /// The database, which holds the outbox and the inbox too.
    pub(crate) fn pool(&self) -> &Pool<DB> {
        &self.0
    }

    /// Begins a change of an order, and of what the world is told of it.
    pub(crate) async fn begin(&self) -> sqlx::Result<Transaction<'static, DB>> {
        self.0.begin_with(DB::BEGIN).await
    }

    /// Takes an order in, unless it is there already: then it stays as it is.
    pub(crate) async fn insert(
        connection: &mut DB::Connection,
        order: &OrderCreated,
    ) -> sqlx::Result<bool> {
        let (order_id, created) = (order.order_id.to_string(), written(order)?);
        let insert =
            "INSERT INTO orders (order_id, created) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        Ok(DB::write(connection, insert, &[&order_id, &created]).await? > 0)
    }

    /// Moves an order forward, and returns the change to announce: none where it has taken the step before, or is past it.
    pub(crate) async fn advance(
        connection: &mut DB::Connection,
        order_id: Uuid,
        step: Step,
    ) -> Result<Option<OrderStatusChanged>, AdvanceError> {
        let id = order_id.to_string();
        // Who has written the row has the turn until the transaction ends.
        let turn = "UPDATE orders SET order_id = order_id WHERE order_id = $1";
        DB::write(connection, turn, &[&id]).await?;
        let order = load::<DB>(connection, order_id).await?;
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
        let insert = "INSERT INTO order_changes (order_id, status, changed) VALUES ($1, $2, $3)";
        let values = [&*id, &changed.status.to_string(), &written(&changed)?];
        DB::write(connection, insert, &values).await?;
        Ok(Some(changed))
    }

    /// An order as it stands.
    pub(crate) async fn order(&self, order_id: Uuid) -> sqlx::Result<Option<Order>> {
        load::<DB>(&mut *self.0.acquire().await?, order_id).await
    }

    /// How many orders have this status among their changes.
    pub(crate) async fn reached(&self, status: OrderStatus) -> sqlx::Result<u64> {
        let query = "SELECT count(*) FROM order_changes WHERE status = $1";
        let count = DB::count(&mut *self.0.acquire().await?, query, &[&status.to_string()]).await?;
        Ok(count.unsigned_abs())
    }
}

impl Order {
    /// How far it has come.
    pub(crate) fn status(&self) -> OrderStatus {
        self.changes.last().map_or(OrderStatus::Pending, |change| change.status)
    }
}

async fn load<DB: Database>(
    connection: &mut DB::Connection,
    order_id: Uuid,
) -> sqlx::Result<Option<Order>> {
    let id = order_id.to_string();
    let query = "SELECT created FROM orders WHERE order_id = $1";
    let Some(created) = DB::texts(connection, query, &[&id]).await?.pop() else {
        return Ok(None);
    };
    let query = "SELECT changed FROM order_changes WHERE order_id = $1";
    let changes = DB::texts(connection, query, &[&id]).await?;
    let changes = changes.iter().map(|change| read(change));
    let mut changes = changes.collect::<sqlx::Result<Vec<OrderStatusChanged>>>()?;
    changes.sort_by_key(|change| place(change.status));
    Ok(Some(Order { created: read(&created)?, changes }))
}

fn written(value: &impl Serialize) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn read<T: DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// An order only moves forward, and steps may be left out: stock and money are announced on two streams, and the
/// money may be heard of first.
fn may_become(status: OrderStatus, next: OrderStatus) -> bool {
    match next {
        OrderStatus::Cancelled => place(status) <= place(OrderStatus::Paid),
        _ => place(status) < place(next),
    }
}

/// Its place among the steps of an order.
fn place(status: OrderStatus) -> u8 {
    match status {
        OrderStatus::Pending => 0,
        OrderStatus::Allocated => 1,
        OrderStatus::Paid => 2,
        OrderStatus::Shipped => 3,
        OrderStatus::Delivered => 4,
        OrderStatus::Cancelled => 5,
    }
}

#[cfg(test)]
mod tests {
    use tidings_test_servers::database;

    use super::*;
    use crate::samples;

    /// Runs a test on both databases.
    macro_rules! on_both_databases {
        ($($name:ident),+ $(,)?) => {
            mod sqlite {
                use super::Repository;

                $(#[tokio::test]
                async fn $name() {
                    super::$name(Repository::sqlite(None).await.expect("a database")).await;
                })+
            }

            mod postgres {
                use super::{Repository, database};

                $(#[tokio::test]
                async fn $name() {
                    let server = database::Postgres::start().await.expect("a server");
                    let repository = Repository::postgres(&server.url()).await;
                    super::$name(repository.expect("a database")).await;
                })+
            }
        };
    }

    on_both_databases!(
        an_order_only_moves_forward,
        a_step_is_taken_and_announced_once,
        of_two_who_move_an_order_the_second_sees_what_the_first_has_done,
        an_order_that_was_never_placed_cannot_move,
    );

    fn to(status: OrderStatus) -> Step {
        Step { status, reason: None, tracking: None }
    }

    async fn placed<DB: Database>(repository: &Repository<DB>) -> Uuid {
        let order = samples::mugs();
        let mut transaction = repository.begin().await.expect("begun");
        let insert = Repository::<DB>::insert(&mut transaction, &order).await;
        assert!(insert.expect("stored"));
        let again = Repository::<DB>::insert(&mut transaction, &order).await;
        assert!(!again.expect("there already"));
        transaction.commit().await.expect("committed");
        order.order_id
    }

    async fn advance<DB: Database>(
        repository: &Repository<DB>,
        order_id: Uuid,
        status: OrderStatus,
    ) -> Result<Option<OrderStatusChanged>, AdvanceError> {
        let mut transaction = repository.begin().await.expect("begun");
        let change = Repository::<DB>::advance(&mut transaction, order_id, to(status)).await?;
        transaction.commit().await.expect("committed");
        Ok(change)
    }

    async fn an_order_only_moves_forward<DB: Database>(repository: Repository<DB>) {
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
            let order_id = placed(&repository).await;
            for status in steps {
                advance(&repository, order_id, *status).await.expect("known");
            }
            let order = repository.order(order_id).await.expect("read").expect("there");
            let made = order.changes.iter().map(|change| (change.previous_status, change.status));
            assert_eq!(made.collect::<Vec<_>>(), changes, "after {steps:?}");
        }
    }

    async fn a_step_is_taken_and_announced_once<DB: Database>(repository: Repository<DB>) {
        let order_id = placed(&repository).await;
        let paid = || advance(&repository, order_id, OrderStatus::Paid);
        assert!(paid().await.expect("known").is_some());
        assert_eq!(paid().await.expect("known"), None);
        assert_eq!(repository.reached(OrderStatus::Paid).await.expect("counted"), 1);
    }

    async fn of_two_who_move_an_order_the_second_sees_what_the_first_has_done<DB: Database>(
        repository: Repository<DB>,
    ) {
        let order_id = placed(&repository).await;
        let (paid, allocated) = tokio::join!(
            advance(&repository, order_id, OrderStatus::Paid),
            advance(&repository, order_id, OrderStatus::Allocated),
        );
        let paid = paid.expect("known").expect("forward");
        let previous = match allocated.expect("known") {
            Some(_) => OrderStatus::Allocated,
            None => OrderStatus::Pending,
        };
        assert_eq!(paid.previous_status, previous);
    }

    async fn an_order_that_was_never_placed_cannot_move<DB: Database>(repository: Repository<DB>) {
        let outcome = advance(&repository, Uuid::now_v7(), OrderStatus::Paid).await;
        assert!(matches!(outcome, Err(AdvanceError::UnknownOrder(_))), "{outcome:?}");
    }
}
