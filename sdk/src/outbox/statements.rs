//! What is asked of the database: the same statements for all, apart from what stands in the arguments of [`statements`].

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::Pool;

use super::OutboxError;
use super::dead::DeadEvent;
use super::row::{Entry, SHARDS, Waiting};

/// A database that can hold an outbox. Everything above it is policy, and the same for all of them.
pub trait Statements: sqlx::Database {
    /// Hears of what others have committed.
    type Listener: Send;

    /// How often a relay looks by itself: for what it is not told of.
    const POLL: Duration;

    /// The version of the tables that this process knows.
    const VERSION: i64;

    /// Makes the tables, or brings them to the version that this process knows.
    fn migrate(pool: &Pool<Self>) -> impl Future<Output = Result<(), OutboxError>> + Send;

    /// The version of the tables; 0 where there are none.
    fn version(pool: &Pool<Self>) -> impl Future<Output = sqlx::Result<i64>> + Send;

    /// Puts an event in, as a part of whatever transaction the connection is in.
    fn insert(
        connection: &mut Self::Connection,
        entry: Entry,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// Writes down what has become of rows, and gives the next ones, in one transaction.
    fn turn(
        pool: Pool<Self>,
        turn: Turn,
    ) -> impl Future<Output = sqlx::Result<Vec<Waiting>>> + Send;

    /// Gives back, renews and takes shards.
    fn renew(
        pool: Pool<Self>,
        renewal: Renewal,
    ) -> impl Future<Output = sqlx::Result<Renewed>> + Send;

    /// Gives back all shards.
    fn release(pool: &Pool<Self>, relay: &str) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// Removes rows that were relayed that long ago; returns how many. They are no more than [`SLICE`].
    fn clean(pool: Pool<Self>, keep: i64) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// How many rows wait, for how many milliseconds the oldest does, and how many are dead.
    fn lag(pool: &Pool<Self>)
    -> impl Future<Output = sqlx::Result<(i64, Option<i64>, i64)>> + Send;

    /// The dead rows behind this one.
    fn dead(
        pool: &Pool<Self>,
        after: i64,
    ) -> impl Future<Output = sqlx::Result<Vec<DeadEvent>>> + Send;

    /// Lets a dead row wait again, behind all others.
    fn revive(pool: &Pool<Self>, id: i64) -> impl Future<Output = sqlx::Result<bool>> + Send;

    /// Removes a dead row.
    fn discard(pool: &Pool<Self>, id: i64) -> impl Future<Output = sqlx::Result<bool>> + Send;

    /// Begins to listen.
    fn listen(pool: Pool<Self>) -> impl Future<Output = sqlx::Result<Self::Listener>> + Send;

    /// Returns once others may have committed something.
    fn heard(listener: &mut Self::Listener) -> impl Future<Output = sqlx::Result<()>> + Send;
}

/// Rows that are removed, or listed, at once.
pub(super) const SLICE: i64 = 5_000;
/// Dead rows that are listed at once.
pub(super) const PAGE: i64 = 100;

/// What has become of rows, and which are wanted next.
#[derive(Debug, Default)]
pub struct Turn {
    pub(super) relayed: Vec<i64>,
    /// Whether the relayed ones are kept for a time.
    pub(super) keep: bool,
    pub(super) dead: Vec<(i64, String)>,
    pub(super) read: Option<Read>,
}

/// Which rows are wanted.
#[derive(Debug)]
pub(super) struct Read {
    /// Who asks: nobody gets rows of shards that are another's.
    pub(super) relay: String,
    pub(super) shards: Vec<i64>,
    /// Lanes that the relay has rows of.
    pub(super) but_lanes: Vec<i64>,
    /// Streams that take nothing at the moment.
    pub(super) but_streams: Vec<&'static str>,
    pub(super) limit: i64,
}

/// A relay that goes on.
#[derive(Debug)]
pub struct Renewal {
    pub(super) relay: String,
    /// For how many milliseconds.
    pub(super) lease: i64,
    /// Shards that it gives back.
    pub(super) returned: Vec<i64>,
}

/// What a relay has then.
#[derive(Debug)]
pub struct Renewed {
    /// Shards, each with the highest id that anybody has read of it to send it.
    pub(super) shards: Vec<(i64, i64)>,
    /// How many relays there are.
    pub(super) relays: i64,
}

/// Implements [`Statements`] for a database. `list` and `names` make rows of a parameter that is a text.
macro_rules! statements {
    (
        $database:ty,
        begin: $begin:literal,
        lock: $lock:literal,
        tables: $tables:literal,
        now: $now:literal,
        list: [$list:literal, $listed:literal],
        brackets: $brackets:expr,
        names: [$names:literal, $named:literal],
        insert: [$insert:literal, $inserted:literal],
        steps: $steps:expr,
        $($own:tt)*
    ) => {
        impl $crate::outbox::statements::Statements for $database {
            $($own)*

            const VERSION: i64 = $steps.len() as i64;

            async fn migrate(pool: &Pool<Self>) -> Result<(), OutboxError> {
                let (steps, known) = ($steps, Self::VERSION);
                let mut found = Self::version(pool).await?;
                if found < known {
                    let mut transaction = pool.begin_with($begin).await?;
                    // Another instance may be at it.
                    sqlx::raw_sql(concat!(
                        $lock,
                        "CREATE TABLE IF NOT EXISTS tidings_outbox_schema (version BIGINT NOT NULL)"
                    ))
                    .execute(&mut *transaction)
                    .await?;
                    let version = "SELECT max(version) FROM tidings_outbox_schema";
                    let version: Option<i64> =
                        sqlx::query_scalar(version).fetch_one(&mut *transaction).await?;
                    found = version.unwrap_or_default();
                    let missing = usize::try_from(found).unwrap_or_default();
                    for step in steps.iter().skip(missing) {
                        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
                        found += 1;
                        sqlx::query("INSERT INTO tidings_outbox_schema (version) VALUES ($1)")
                            .bind(found)
                            .execute(&mut *transaction)
                            .await?;
                    }
                    transaction.commit().await?;
                }
                if found > known {
                    return Err(OutboxError::Version { found, known });
                }
                Ok(())
            }

            async fn version(pool: &Pool<Self>) -> sqlx::Result<i64> {
                let exists: i64 = sqlx::query_scalar($tables).fetch_one(pool).await?;
                if exists == 0 {
                    return Ok(0);
                }
                let version = "SELECT max(version) FROM tidings_outbox_schema";
                let version: Option<i64> = sqlx::query_scalar(version).fetch_one(pool).await?;
                Ok(version.unwrap_or_default())
            }

            async fn insert(connection: &mut Self::Connection, entry: Entry) -> sqlx::Result<()> {
                sqlx::query(concat!(
                    $insert,
                    "INSERT INTO tidings_outbox \
                     (lane, shard, event_id, event_type, stream, subject, key, headers, payload, copies) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    $inserted
                ))
                .bind(entry.lane)
                .bind(entry.shard)
                .bind(entry.event_id)
                .bind(entry.event_type)
                .bind(entry.stream)
                .bind(entry.subject)
                .bind(entry.key)
                .bind(entry.headers)
                .bind(entry.payload.to_vec())
                .bind(entry.copies)
                .execute(connection)
                .await?;
                Ok(())
            }

            async fn turn(pool: Pool<Self>, turn: Turn) -> sqlx::Result<Vec<Waiting>> {
                let Turn { relayed, keep, dead, read } = turn;
                if relayed.is_empty() && dead.is_empty() {
                    // Whoever only looks keeps nobody from writing.
                    return match read {
                        Some(read) => next(&mut *pool.acquire().await?, read).await,
                        None => Ok(Vec::new()),
                    };
                }
                let mut transaction = pool.begin_with($begin).await?;
                if !relayed.is_empty() {
                    let ids = list(&relayed);
                    if keep {
                        sqlx::query(concat!(
                            "INSERT INTO tidings_outbox_relayed \
                             (id, lane, shard, event_id, event_type, stream, subject, key, headers, payload, copies, \
                             stored_at, relayed_at) \
                             SELECT id, lane, shard, event_id, event_type, stream, subject, key, headers, payload, copies, \
                             stored_at, ", $now, " FROM tidings_outbox WHERE id IN (", $list, "$1", $listed, ")"
                        ))
                        .bind(&ids)
                        .execute(&mut *transaction)
                        .await?;
                    }
                    sqlx::query(concat!(
                        "DELETE FROM tidings_outbox WHERE id IN (", $list, "$1", $listed, ")"
                    ))
                    .bind(ids)
                    .execute(&mut *transaction)
                    .await?;
                }
                for (id, error) in dead {
                    sqlx::query(concat!(
                        "INSERT INTO tidings_outbox_dead \
                         (id, lane, shard, event_id, event_type, stream, subject, key, headers, payload, copies, \
                         stored_at, died_at, error) \
                         SELECT id, lane, shard, event_id, event_type, stream, subject, key, headers, payload, copies, \
                         stored_at, ", $now, ", $2 FROM tidings_outbox WHERE id = $1"
                    ))
                    .bind(id)
                    .bind(error)
                    .execute(&mut *transaction)
                    .await?;
                    sqlx::query("DELETE FROM tidings_outbox WHERE id = $1")
                        .bind(id)
                        .execute(&mut *transaction)
                        .await?;
                }
                let rows = match read {
                    Some(read) => next(&mut *transaction, read).await?,
                    None => Vec::new(),
                };
                transaction.commit().await?;
                Ok(rows)
            }

            async fn renew(pool: Pool<Self>, renewal: Renewal) -> sqlx::Result<Renewed> {
                let Renewal { relay, lease, returned } = renewal;
                let mut transaction = pool.begin_with($begin).await?;
                // One at a time, so that two do not take the same shard.
                sqlx::raw_sql($lock).execute(&mut *transaction).await?;
                sqlx::query(concat!("DELETE FROM tidings_outbox_relay WHERE until < ", $now))
                    .execute(&mut *transaction)
                    .await?;
                sqlx::query(concat!(
                    "INSERT INTO tidings_outbox_relay (name, until) VALUES ($1, ", $now, " + $2) \
                     ON CONFLICT (name) DO UPDATE SET until = excluded.until"
                ))
                .bind(&relay)
                .bind(lease)
                .execute(&mut *transaction)
                .await?;
                sqlx::query(concat!(
                    "UPDATE tidings_outbox_shard SET owner = NULL, until = 0 WHERE owner = $1 AND shard IN (",
                    $list, "$2", $listed, ")"
                ))
                .bind(&relay)
                .bind(list(&returned))
                .execute(&mut *transaction)
                .await?;
                sqlx::query(concat!(
                    "UPDATE tidings_outbox_shard SET until = ", $now, " + $2 WHERE owner = $1"
                ))
                .bind(&relay)
                .bind(lease)
                .execute(&mut *transaction)
                .await?;
                let relays: i64 = sqlx::query_scalar("SELECT count(*) FROM tidings_outbox_relay")
                    .fetch_one(&mut *transaction)
                    .await?;
                sqlx::query(concat!(
                    "UPDATE tidings_outbox_shard SET owner = $1, until = ", $now, " + $2 WHERE shard IN ( \
                     SELECT shard FROM tidings_outbox_shard WHERE owner IS NULL OR until < ", $now, " ORDER BY shard \
                     LIMIT (SELECT CASE WHEN count(*) < $3 THEN $3 - count(*) ELSE 0 END \
                            FROM tidings_outbox_shard WHERE owner = $1))"
                ))
                .bind(&relay)
                .bind(lease)
                .bind(share(relays))
                .execute(&mut *transaction)
                .await?;
                let shards: Vec<(i64, i64)> = sqlx::query_as(
                    "SELECT shard, attempted FROM tidings_outbox_shard WHERE owner = $1 ORDER BY shard",
                )
                .bind(&relay)
                .fetch_all(&mut *transaction)
                .await?;
                transaction.commit().await?;
                Ok(Renewed { shards, relays })
            }

            async fn release(pool: &Pool<Self>, relay: &str) -> sqlx::Result<()> {
                sqlx::query("UPDATE tidings_outbox_shard SET owner = NULL, until = 0 WHERE owner = $1")
                    .bind(relay)
                    .execute(pool)
                    .await?;
                sqlx::query("DELETE FROM tidings_outbox_relay WHERE name = $1")
                    .bind(relay)
                    .execute(pool)
                    .await?;
                Ok(())
            }

            async fn clean(pool: Pool<Self>, keep: i64) -> sqlx::Result<u64> {
                let cleaned = sqlx::query(concat!(
                    "DELETE FROM tidings_outbox_relayed WHERE id IN ( \
                     SELECT id FROM tidings_outbox_relayed WHERE relayed_at <= ", $now, " - $1 \
                     ORDER BY relayed_at LIMIT $2)"
                ))
                .bind(keep)
                .bind(SLICE)
                .execute(&pool)
                .await?;
                Ok(cleaned.rows_affected())
            }

            async fn lag(pool: &Pool<Self>) -> sqlx::Result<(i64, Option<i64>, i64)> {
                sqlx::query_as(concat!(
                    "SELECT count(*), ", $now, " - min(stored_at), (SELECT count(*) FROM tidings_outbox_dead) \
                     FROM tidings_outbox"
                ))
                .fetch_one(pool)
                .await
            }

            async fn dead(pool: &Pool<Self>, after: i64) -> sqlx::Result<Vec<DeadEvent>> {
                let rows = sqlx::query(
                    "SELECT id, event_id, event_type, stream, subject, key, stored_at, died_at, error \
                     FROM tidings_outbox_dead WHERE id > $1 ORDER BY id LIMIT $2",
                )
                .bind(after)
                .bind(PAGE)
                .fetch_all(pool)
                .await?;
                let dead = |row: &<Self as sqlx::Database>::Row| {
                    Ok(DeadEvent {
                        id: row.try_get(0)?,
                        event_id: row.try_get(1)?,
                        event_type: row.try_get(2)?,
                        stream: row.try_get(3)?,
                        subject: row.try_get(4)?,
                        key: row.try_get(5)?,
                        stored_at: time(row.try_get(6)?),
                        died_at: time(row.try_get(7)?),
                        error: row.try_get(8)?,
                    })
                };
                rows.iter().map(dead).collect()
            }

            async fn revive(pool: &Pool<Self>, id: i64) -> sqlx::Result<bool> {
                let mut transaction = pool.begin_with($begin).await?;
                let revived = sqlx::query(concat!(
                    $insert,
                    "INSERT INTO tidings_outbox \
                     (lane, shard, event_id, event_type, stream, subject, key, headers, payload, copies) \
                     SELECT lane, shard, event_id, event_type, stream, subject, key, headers, payload, copies \
                     FROM tidings_outbox_dead WHERE id = $1",
                    $inserted
                ))
                .bind(id)
                .execute(&mut *transaction)
                .await?;
                sqlx::query("DELETE FROM tidings_outbox_dead WHERE id = $1")
                    .bind(id)
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                Ok(revived.rows_affected() > 0)
            }

            async fn discard(pool: &Pool<Self>, id: i64) -> sqlx::Result<bool> {
                let gone = sqlx::query("DELETE FROM tidings_outbox_dead WHERE id = $1")
                    .bind(id)
                    .execute(pool)
                    .await?;
                Ok(gone.rows_affected() > 0)
            }
        }

        /// The next rows. They are always read from the beginning: a transaction that commits late leaves rows behind
        /// those that were read before, and whoever went on from there would never see them.
        ///
        /// Before any of them is given out it is written down how far it has come, in the shards that are still the relay's.
        async fn next(
            connection: &mut <$database as sqlx::Database>::Connection,
            read: Read,
        ) -> sqlx::Result<Vec<Waiting>> {
            let rows = sqlx::query(concat!(
                "SELECT id, lane, shard, event_id, event_type, stream, subject, headers, payload, copies, ",
                $now, " - stored_at \
                 FROM tidings_outbox WHERE shard IN (", $list, "$1", $listed, ") \
                 AND lane NOT IN (", $list, "$2", $listed, ") \
                 AND stream NOT IN (", $names, "$3", $named, ") ORDER BY id LIMIT $4"
            ))
            .bind(list(&read.shards))
            .bind(list(&read.but_lanes))
            .bind(quoted(&read.but_streams))
            .bind(read.limit)
            .fetch_all(&mut *connection)
            .await?;
            let waiting = |row: &<$database as sqlx::Database>::Row| {
                Ok(Waiting::from(Columns {
                    id: row.try_get(0)?,
                    lane: row.try_get(1)?,
                    shard: row.try_get(2)?,
                    event_id: row.try_get(3)?,
                    event_type: row.try_get(4)?,
                    stream: row.try_get(5)?,
                    subject: row.try_get(6)?,
                    headers: row.try_get(7)?,
                    payload: row.try_get(8)?,
                    copies: row.try_get(9)?,
                    age: row.try_get(10)?,
                }))
            };
            let mut rows = rows.iter().map(waiting).collect::<sqlx::Result<Vec<_>>>()?;
            let Some(last) = rows.iter().map(|row| row.id).max() else { return Ok(rows) };
            let mut shards: Vec<i64> = rows.iter().map(|row| row.shard).collect();
            shards.sort_unstable();
            shards.dedup();
            let own: Vec<i64> = sqlx::query_scalar(concat!(
                "UPDATE tidings_outbox_shard SET attempted = CASE WHEN attempted < $2 THEN $2 ELSE attempted END \
                 WHERE owner = $1 AND shard IN (", $list, "$3", $listed, ") RETURNING shard"
            ))
            .bind(read.relay)
            .bind(last)
            .bind(list(&shards))
            .fetch_all(&mut *connection)
            .await?;
            rows.retain(|row| own.contains(&row.shard));
            Ok(rows)
        }

        /// Numbers as a parameter.
        fn list(numbers: &[i64]) -> String {
            $crate::outbox::statements::list(numbers, $brackets)
        }
    };
}
pub(super) use statements;

/// Numbers, in these brackets.
pub(super) fn list(numbers: &[i64], brackets: [char; 2]) -> String {
    let mut text = String::with_capacity(2 + 21 * numbers.len());
    text.push(brackets[0]);
    for (place, number) in numbers.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        // Nothing can go wrong with writing to a text.
        let _ = write!(text, "{number}");
    }
    text.push(brackets[1]);
    text
}

/// Names, as a parameter.
pub(super) fn quoted(names: &[&str]) -> String {
    serde_json::Value::from(names).to_string()
}

/// How many shards a relay may have where there are so many relays.
pub(super) fn share(relays: i64) -> i64 {
    let relays = relays.max(1);
    (i64::from(SHARDS) + relays - 1) / relays
}

/// A time as the tables have it.
pub(super) fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
