//! Who has which shards.

use std::time::Duration;

use sqlx::Pool;

use crate::Dialect;
use crate::outbox::row::SHARDS;
use crate::state::sql::{Lent, Value, list, sql};

/// One at a time takes shards: the number stands for nothing but that.
const LOCK: i64 = 0x7469_6469_6e67_7301;

/// A relay that goes on.
#[derive(Debug)]
pub(in crate::state::outbox) struct Renewal {
    pub(in crate::state::outbox) relay: String,
    /// For how many milliseconds.
    pub(in crate::state::outbox) lease: i64,
    /// How long it waits for others.
    pub(in crate::state::outbox) patience: Duration,
    /// Shards that it gives back.
    pub(in crate::state::outbox) returned: Vec<i64>,
}

/// What a relay has then.
#[derive(Debug)]
pub(in crate::state::outbox) struct Renewed {
    /// Shards, each with the highest id that anybody has read of it to send it.
    pub(in crate::state::outbox) shards: Vec<(i64, i64)>,
    /// How many relays there are.
    pub(in crate::state::outbox) relays: i64,
}

/// Whether there are tables.
pub(in crate::state::outbox) async fn check<DB: Dialect>(pool: &Pool<DB>) -> sqlx::Result<()> {
    let count = "SELECT count(suspect) FROM tidings_outbox WHERE 1 = 0";
    DB::number(&mut *pool.acquire().await?, count, &[]).await.map(drop)
}

/// Gives back, renews and takes shards.
pub(in crate::state::outbox) async fn renew<DB: Dialect>(
    pool: Pool<DB>,
    renewal: Renewal,
) -> sqlx::Result<Renewed> {
    let mut lent = Lent::of(&pool).await?;
    let renewed = renew_in::<DB>(&mut lent, renewal).await;
    lent.give_back();
    renewed
}

/// What others have locked is passed over: it is theirs at the moment, or that of somebody who has vanished in the middle, whom
/// the database will find out.
async fn renew_in<DB: Dialect>(
    connection: &mut DB::Connection,
    renewal: Renewal,
) -> sqlx::Result<Renewed> {
    let relay = Value::Text(&renewal.relay);
    let lease = Value::Number(renewal.lease);
    let mut transaction = DB::begin(connection, renewal.patience).await?;
    DB::lock(&mut transaction, LOCK).await?;
    let forget = sql!(
        DB,
        "DELETE FROM tidings_outbox_relay WHERE name IN ( \
         SELECT name FROM tidings_outbox_relay WHERE until < " now skip ")"
    );
    DB::execute(&mut transaction, forget, &[]).await?;
    let attend = sql!(
        DB,
        "INSERT INTO tidings_outbox_relay (name, until) VALUES ($1, " now " + $2) \
         ON CONFLICT (name) DO UPDATE SET until = excluded.until"
    );
    DB::execute(&mut transaction, attend, &[relay, lease]).await?;
    if !renewal.returned.is_empty() {
        let give_back = sql!(
            DB,
            "UPDATE tidings_outbox_shard SET owner = NULL, until = 0 WHERE owner = $1 AND shard IN "
                ["$2"]
        );
        let returned = list::<DB>(&renewal.returned);
        DB::execute(&mut transaction, give_back, &[relay, Value::Text(&returned)]).await?;
    }
    let keep = sql!(DB, "UPDATE tidings_outbox_shard SET until = " now " + $2 WHERE owner = $1");
    let kept = DB::execute(&mut transaction, keep, &[relay, lease]).await?;
    let count = "SELECT count(*) FROM tidings_outbox_relay";
    let relays = DB::number(&mut transaction, count, &[]).await?.unwrap_or_default();
    let missing = share(relays).saturating_sub(kept.cast_signed());
    if missing > 0 {
        let take = sql!(
            DB,
            "UPDATE tidings_outbox_shard SET owner = $1, until = " now " + $2 WHERE shard IN ( \
             SELECT shard FROM tidings_outbox_shard WHERE owner IS NULL OR until < " now
            " ORDER BY shard LIMIT $3" skip ")"
        );
        DB::execute(&mut transaction, take, &[relay, lease, Value::Number(missing)]).await?;
    }
    let select =
        "SELECT shard, attempted FROM tidings_outbox_shard WHERE owner = $1 ORDER BY shard";
    let own = [relay];
    let shards =
        DB::rows(&mut transaction, select, &own, |row| Ok((row.number(0)?, row.number(1)?)));
    let shards = shards.await?;
    transaction.commit().await?;
    Ok(Renewed { shards, relays })
}

/// Gives back all shards.
pub(in crate::state::outbox) async fn release<DB: Dialect>(
    pool: Pool<DB>,
    relay: String,
    patience: Duration,
) -> sqlx::Result<()> {
    let mut lent = Lent::of(&pool).await?;
    let released = release_in::<DB>(&mut lent, &relay, patience).await;
    lent.give_back();
    released
}

async fn release_in<DB: Dialect>(
    connection: &mut DB::Connection,
    relay: &str,
    patience: Duration,
) -> sqlx::Result<()> {
    let relay = [Value::Text(relay)];
    let mut transaction = DB::begin(connection, patience).await?;
    let give_back = "UPDATE tidings_outbox_shard SET owner = NULL, until = 0 WHERE owner = $1";
    DB::execute(&mut transaction, give_back, &relay).await?;
    let leave = "DELETE FROM tidings_outbox_relay WHERE name = $1";
    DB::execute(&mut transaction, leave, &relay).await?;
    transaction.commit().await
}

/// How many shards a relay may have where there are so many relays.
pub(in crate::state::outbox) fn share(relays: i64) -> i64 {
    let relays = relays.max(1);
    (i64::from(SHARDS) + relays - 1) / relays
}
