//! Rows that the broker has refused for good.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::Pool;

use crate::Dialect;
use crate::outbox::DeadEvent;
use crate::state::sql::{Lent, Value};

/// Rows that are listed at once.
const PAGE: i64 = 100;
/// How long one waits for a relay that is at the same row.
const PATIENCE: Duration = Duration::from_secs(30);

/// The dead rows behind this one.
pub(in crate::state::outbox) async fn dead<DB: Dialect>(
    pool: &Pool<DB>,
    after: i64,
) -> sqlx::Result<Vec<DeadEvent>> {
    let select = "SELECT id, event_id, event_type, stream, subject, stored_at, died_at, error \
                  FROM tidings_outbox_dead WHERE id > $1 ORDER BY id LIMIT $2";
    let values = [Value::Number(after), Value::Number(PAGE)];
    let mut connection = pool.acquire().await?;
    let read = DB::rows(&mut connection, select, &values, |row| {
        Ok(DeadEvent {
            id: row.number(0)?,
            event_id: row.text(1)?,
            event_type: row.text(2)?,
            stream: row.text(3)?,
            subject: row.text(4)?,
            stored_at: time(row.number(5)?),
            died_at: time(row.number(6)?),
            error: row.text(7)?,
        })
    });
    read.await
}

/// Lets a dead row wait again, behind all others. Some of its messages may have been stored, however long ago: it keeps its age
/// and is looked for.
pub(in crate::state::outbox) async fn revive<DB: Dialect>(
    pool: &Pool<DB>,
    id: i64,
) -> sqlx::Result<bool> {
    let mut lent = Lent::of(pool).await?;
    let revived = revive_in::<DB>(&mut lent, id).await;
    lent.give_back();
    revived
}

async fn revive_in<DB: Dialect>(connection: &mut DB::Connection, id: i64) -> sqlx::Result<bool> {
    let id = [Value::Number(id)];
    let mut transaction = DB::begin(connection, PATIENCE).await?;
    let revive = DB::choose(
        "INSERT INTO tidings_outbox \
         (lane, shard, event_id, event_type, stream, subject, headers, payload, copies, stored_at, suspect) \
         SELECT lane, shard, event_id, event_type, stream, subject, headers, payload, copies, stored_at, 1 \
         FROM tidings_outbox_dead WHERE id = $1",
        "WITH stored AS (INSERT INTO tidings_outbox \
         (lane, shard, event_id, event_type, stream, subject, headers, payload, copies, stored_at, suspect) \
         SELECT lane, shard, event_id, event_type, stream, subject, headers, payload, copies, stored_at, 1 \
         FROM tidings_outbox_dead WHERE id = $1 RETURNING id) \
         SELECT pg_notify('tidings_outbox', '') FROM stored",
    );
    let revived = DB::execute(&mut transaction, revive, &id).await?;
    let delete = "DELETE FROM tidings_outbox_dead WHERE id = $1";
    DB::execute(&mut transaction, delete, &id).await?;
    transaction.commit().await?;
    Ok(revived > 0)
}

/// Removes a dead row.
pub(in crate::state::outbox) async fn discard<DB: Dialect>(
    pool: &Pool<DB>,
    id: i64,
) -> sqlx::Result<bool> {
    let delete = "DELETE FROM tidings_outbox_dead WHERE id = $1";
    let gone = DB::execute(&mut *pool.acquire().await?, delete, &[Value::Number(id)]).await?;
    Ok(gone > 0)
}

/// A time as the tables have it.
fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
