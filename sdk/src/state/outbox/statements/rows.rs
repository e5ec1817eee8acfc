//! Rows from their insertion to their end.

use std::time::Duration;

use sqlx::Pool;

use super::SLICE;
use crate::Dialect;
use crate::outbox::row::{Columns, Entry, Waiting};
use crate::state::sql::{Lent, Value, list, names, sql};

/// What has become of rows, and which are wanted next.
#[derive(Debug)]
pub(in crate::state::outbox) struct Turn {
    /// How long it waits for others.
    pub(in crate::state::outbox) patience: Duration,
    pub(in crate::state::outbox) relayed: Vec<i64>,
    /// Whether the relayed ones are kept for a time.
    pub(in crate::state::outbox) keep: bool,
    /// Those that died, and of what.
    pub(in crate::state::outbox) dead: Vec<(i64, String)>,
    pub(in crate::state::outbox) read: Option<Read>,
}

/// Which rows are wanted.
#[derive(Debug)]
pub(in crate::state::outbox) struct Read {
    /// Who asks: nobody gets rows of shards that are another's.
    pub(in crate::state::outbox) relay: String,
    pub(in crate::state::outbox) shards: Vec<i64>,
    /// Rows that the relay has.
    pub(in crate::state::outbox) but_rows: Vec<i64>,
    /// Lanes that it has many rows of.
    pub(in crate::state::outbox) but_lanes: Vec<i64>,
    /// Streams that take nothing at the moment.
    pub(in crate::state::outbox) but_streams: Vec<&'static str>,
    pub(in crate::state::outbox) limit: i64,
}

/// Puts an event in, as a part of whatever transaction the connection is in.
pub(in crate::state::outbox) async fn insert<DB: Dialect>(
    connection: &mut DB::Connection,
    entry: &Entry,
) -> sqlx::Result<()> {
    // The notification is delivered when the transaction is committed.
    let insert = DB::choose(
        "INSERT INTO tidings_outbox \
         (lane, shard, event_id, event_type, stream, subject, headers, payload, copies) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        "WITH stored AS (INSERT INTO tidings_outbox \
         (lane, shard, event_id, event_type, stream, subject, headers, payload, copies) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id) \
         SELECT pg_notify('tidings_outbox', '') FROM stored",
    );
    let values = [
        Value::Number(entry.lane),
        Value::Number(entry.shard),
        Value::Text(&entry.event_id),
        Value::Text(entry.event_type),
        Value::Text(entry.stream),
        Value::Text(&entry.subject),
        Value::Text(&entry.headers),
        Value::Bytes(&entry.payload),
        Value::Perhaps(entry.copies.as_deref()),
    ];
    DB::execute(connection, insert, &values).await.map(drop)
}

/// Writes down what has become of rows, and gives the next ones, in one transaction.
pub(in crate::state::outbox) async fn turn<DB: Dialect>(
    pool: Pool<DB>,
    turn: Turn,
) -> sqlx::Result<Vec<Waiting>> {
    let mut lent = Lent::of(&pool).await?;
    let rows = turn_in::<DB>(&mut lent, turn).await;
    lent.give_back();
    rows
}

async fn turn_in<DB: Dialect>(
    connection: &mut DB::Connection,
    turn: Turn,
) -> sqlx::Result<Vec<Waiting>> {
    let Turn { patience, relayed, keep, dead, read } = turn;
    if relayed.is_empty() && dead.is_empty() {
        // Whoever only looks keeps nobody from writing.
        return match read {
            Some(read) => next::<DB>(connection, read).await,
            None => Ok(Vec::new()),
        };
    }
    let mut transaction = DB::begin(connection, patience).await?;
    if !relayed.is_empty() {
        let ids = list::<DB>(&relayed);
        let ids = [Value::Text(&ids)];
        if keep {
            let copy = sql!(
                DB,
                "INSERT INTO tidings_outbox_relayed \
                 (id, lane, shard, event_id, event_type, stream, subject, headers, payload, copies, \
                 stored_at, relayed_at) \
                 SELECT id, lane, shard, event_id, event_type, stream, subject, headers, payload, copies, \
                 stored_at, " now " FROM tidings_outbox WHERE id IN " ["$1"]
            );
            DB::execute(&mut transaction, copy, &ids).await?;
        }
        let delete = sql!(DB, "DELETE FROM tidings_outbox WHERE id IN "["$1"]);
        DB::execute(&mut transaction, delete, &ids).await?;
    }
    for (id, error) in &dead {
        let bury = sql!(
            DB,
            "INSERT INTO tidings_outbox_dead \
             (id, lane, shard, event_id, event_type, stream, subject, headers, payload, copies, \
             stored_at, died_at, error) \
             SELECT id, lane, shard, event_id, event_type, stream, subject, headers, payload, copies, \
             stored_at, " now ", $2 FROM tidings_outbox WHERE id = $1"
        );
        DB::execute(&mut transaction, bury, &[Value::Number(*id), Value::Text(error)]).await?;
        let delete = "DELETE FROM tidings_outbox WHERE id = $1";
        DB::execute(&mut transaction, delete, &[Value::Number(*id)]).await?;
    }
    let rows = match read {
        Some(read) => next::<DB>(&mut transaction, read).await?,
        None => Vec::new(),
    };
    transaction.commit().await?;
    Ok(rows)
}

/// The next rows. They are always read from the beginning: a transaction that commits late leaves rows behind those that
/// were read before, and whoever went on from there would never see them.
///
/// Before any is given out it is written down how far they go, for whoever comes after a relay that dies. That is done only
/// in shards that are still the relay's; rows of others are not given out.
async fn next<DB: Dialect>(
    connection: &mut DB::Connection,
    read: Read,
) -> sqlx::Result<Vec<Waiting>> {
    let select = sql!(
        DB,
        "SELECT id, lane, shard, event_id, event_type, stream, subject, headers, payload, copies, "
        now " - stored_at, suspect FROM tidings_outbox WHERE shard IN " ["$1"] " AND lane NOT IN " ["$2"]
        " AND stream NOT IN " {"$3"} " AND id NOT IN " ["$5"] " ORDER BY id LIMIT $4"
    );
    let [shards, lanes, rows] =
        [&read.shards, &read.but_lanes, &read.but_rows].map(|numbers| list::<DB>(numbers));
    let streams = names(&read.but_streams);
    let values = [
        Value::Text(&shards),
        Value::Text(&lanes),
        Value::Text(&streams),
        Value::Number(read.limit),
        Value::Text(&rows),
    ];
    let mut rows = DB::rows(connection, select, &values, |row| {
        Ok(Waiting::from(Columns {
            id: row.number(0)?,
            lane: row.number(1)?,
            shard: row.number(2)?,
            event_id: row.text(3)?,
            event_type: row.text(4)?,
            stream: row.text(5)?,
            subject: row.text(6)?,
            headers: row.text(7)?,
            payload: row.bytes(8)?,
            copies: row.perhaps_text(9)?,
            age: row.number(10)?,
            suspect: row.number(11)? != 0,
        }))
    })
    .await?;
    let Some(last) = rows.iter().map(|row| row.id).max() else { return Ok(rows) };
    let mut shards: Vec<i64> = rows.iter().map(|row| row.shard).collect();
    shards.sort_unstable();
    shards.dedup();
    let claim = sql!(
        DB,
        "UPDATE tidings_outbox_shard SET attempted = CASE WHEN attempted < $2 THEN $2 ELSE attempted END \
         WHERE owner = $1 AND shard IN " ["$3"] " RETURNING shard"
    );
    let shards = list::<DB>(&shards);
    let values = [Value::Text(&read.relay), Value::Number(last), Value::Text(&shards)];
    let own = DB::rows(connection, claim, &values, |row| row.number(0)).await?;
    rows.retain(|row| own.contains(&row.shard));
    Ok(rows)
}

/// Removes rows that were relayed so many milliseconds ago; returns how many, no more than [`SLICE`].
pub(in crate::state::outbox) async fn clean<DB: Dialect>(
    pool: Pool<DB>,
    keep: i64,
) -> sqlx::Result<u64> {
    let delete = sql!(
        DB,
        "DELETE FROM tidings_outbox_relayed WHERE id IN ( \
         SELECT id FROM tidings_outbox_relayed WHERE relayed_at <= " now " - $1 ORDER BY relayed_at LIMIT $2)"
    );
    let values = [Value::Number(keep), Value::Number(SLICE.cast_signed())];
    let mut lent = Lent::of(&pool).await?;
    let cleaned = DB::execute(&mut lent, delete, &values).await;
    lent.give_back();
    cleaned
}

/// How many rows wait, for how many milliseconds the oldest does, and how many are dead.
pub(in crate::state::outbox) async fn lag<DB: Dialect>(
    pool: &Pool<DB>,
) -> sqlx::Result<(i64, Option<i64>, i64)> {
    let select = sql!(
        DB,
        "SELECT count(*), " now " - min(stored_at), (SELECT count(*) FROM tidings_outbox_dead) \
         FROM tidings_outbox"
    );
    let mut connection = pool.acquire().await?;
    let read = DB::rows(&mut connection, select, &[], |row| {
        Ok((row.number(0)?, row.perhaps_number(1)?, row.number(2)?))
    });
    Ok(read.await?.pop().unwrap_or_default())
}

/// How many relayed rows are kept.
pub(in crate::state::outbox) async fn kept<DB: Dialect>(pool: &Pool<DB>) -> sqlx::Result<i64> {
    let count = "SELECT count(*) FROM tidings_outbox_relayed";
    let kept = DB::number(&mut *pool.acquire().await?, count, &[]).await?;
    Ok(kept.unwrap_or_default())
}
