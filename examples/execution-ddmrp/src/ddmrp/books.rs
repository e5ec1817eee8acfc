//! What the service knows: products, buffers, stock, and what was promised to come and to go.
//!
//! Events of one order come in order, those of an order and of the stock that it moves do not. So nothing here depends on which
//! comes first: what was ordered stays outstanding until the *stock* has it, whatever its order says meanwhile.

use event_catalog::types::NetFlow;
use sqlx::types::Json;
use sqlx::types::uuid::fmt::Hyphenated;
use sqlx::{Row as _, SqliteConnection};
use tidings::{Date, Uuid};

use super::buffer::{Buffer, Part};
use super::net_flow::{SpikeRule, net_flow, qualified_demand};

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS products (
        organization TEXT NOT NULL,
        product_id   TEXT NOT NULL,
        part         TEXT NOT NULL,
        PRIMARY KEY (organization, product_id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS buffers (
        organization TEXT NOT NULL,
        product_id   TEXT NOT NULL,
        warehouse    TEXT NOT NULL,
        buffer       TEXT NOT NULL,
        PRIMARY KEY (organization, product_id, warehouse)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS stock (
        organization TEXT NOT NULL,
        product_id   TEXT NOT NULL,
        warehouse    TEXT NOT NULL,
        on_hand      INTEGER NOT NULL,
        sequence     INTEGER NOT NULL,
        PRIMARY KEY (organization, product_id, warehouse)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS promises (
        organization TEXT NOT NULL,
        side         TEXT NOT NULL,
        order_id     TEXT NOT NULL,
        product_id   TEXT NOT NULL,
        warehouse    TEXT NOT NULL,
        due_on       TEXT,
        ordered      INTEGER NOT NULL DEFAULT 0,
        moved        INTEGER NOT NULL DEFAULT 0,
        booked       INTEGER NOT NULL DEFAULT 0,
        complete     INTEGER NOT NULL DEFAULT 0,
        outstanding  INTEGER AS (max(0, CASE complete WHEN 1 THEN moved ELSE ordered END - booked)),
        PRIMARY KEY (organization, side, order_id, product_id, warehouse)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS promises_by_product ON promises (organization, product_id, warehouse, side);
";

/// A product in a warehouse of an organization.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) organization: &'a str,
    pub(super) product_id: Uuid,
    pub(super) warehouse: &'a str,
}

impl<'a> Place<'a> {
    /// The place of a buffer.
    pub(super) fn of(organization: &'a str, buffer: &'a Buffer) -> Self {
        let Buffer { product_id, warehouse, .. } = buffer;
        Self { organization, product_id: *product_id, warehouse }
    }
}

/// What an order promises: that stock will come, or go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Supply,
    Demand,
}

impl Side {
    fn as_str(self) -> &'static str {
        match self {
            Self::Supply => "supply",
            Self::Demand => "demand",
        }
    }
}

/// What has become of a promise, in stock units.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The order was placed; demand is due on a day.
    Ordered(u64, Option<Date>),
    /// A delivery came, or a shipment left; the stock may not have it yet.
    Moved(u64),
    /// The stock has it.
    Booked(u64),
}

/// Takes a step of a promise. The inbox sees to it that none is taken twice.
pub(super) async fn step(
    db: &mut SqliteConnection,
    place: Place<'_>,
    side: Side,
    order_id: Uuid,
    step: Step,
) -> sqlx::Result<()> {
    let ((ordered, due_on), moved, booked) = match step {
        Step::Ordered(quantity, due_on) => ((quantity, due_on), 0, 0),
        Step::Moved(quantity) => ((0, None), quantity, 0),
        Step::Booked(quantity) => ((0, None), 0, quantity),
    };
    let take = "
        INSERT INTO promises
            (organization, side, order_id, product_id, warehouse, due_on, ordered, moved, booked)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET
            due_on = coalesce(excluded.due_on, due_on), ordered = ordered + excluded.ordered,
            moved = moved + excluded.moved, booked = booked + excluded.booked";
    sqlx::query(take)
        .bind(place.organization)
        .bind(side.as_str())
        .bind(order_id.hyphenated())
        .bind(place.product_id.hyphenated())
        .bind(place.warehouse)
        .bind(due_on.map(|day| day.to_string()))
        .bind(ordered.cast_signed())
        .bind(moved.cast_signed())
        .bind(booked.cast_signed())
        .execute(db)
        .await?;
    Ok(())
}

/// Nothing more will come of an order than what has moved. Returns the products in it.
pub(super) async fn complete(
    db: &mut SqliteConnection,
    organization: &str,
    side: Side,
    order_id: Uuid,
) -> sqlx::Result<Vec<Uuid>> {
    let complete = "
        UPDATE promises SET complete = 1 WHERE organization = ? AND side = ? AND order_id = ?
        RETURNING product_id";
    let products: Vec<Hyphenated> = sqlx::query_scalar(complete)
        .bind(organization)
        .bind(side.as_str())
        .bind(order_id.hyphenated())
        .fetch_all(db)
        .await?;
    Ok(products.into_iter().map(Hyphenated::into_uuid).collect())
}

/// So much is there, says the event at this place of the stream. What comes late (a dead letter that is tried again) changes
/// nothing any more.
pub(super) async fn count(
    db: &mut SqliteConnection,
    place: Place<'_>,
    on_hand: u64,
    sequence: u64,
) -> sqlx::Result<()> {
    let count = "
        INSERT INTO stock (organization, product_id, warehouse, on_hand, sequence)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET on_hand = excluded.on_hand, sequence = excluded.sequence
        WHERE excluded.sequence > stock.sequence";
    sqlx::query(count)
        .bind(place.organization)
        .bind(place.product_id.hyphenated())
        .bind(place.warehouse)
        .bind(on_hand.cast_signed())
        .bind(sequence.cast_signed())
        .execute(db)
        .await?;
    Ok(())
}

/// Supply and demand of a place, on a day.
pub(super) async fn flow(
    db: &mut SqliteConnection,
    place: Place<'_>,
    today: Date,
    rule: SpikeRule,
) -> sqlx::Result<NetFlow> {
    let on_hand: Option<i64> = sqlx::query_scalar(
        "SELECT on_hand FROM stock WHERE organization = ? AND product_id = ? AND warehouse = ?",
    )
    .bind(place.organization)
    .bind(place.product_id.hyphenated())
    .bind(place.warehouse)
    .fetch_optional(&mut *db)
    .await?;
    let outstanding = "
        SELECT side, due_on, outstanding FROM promises
        WHERE organization = ? AND product_id = ? AND warehouse = ? AND outstanding > 0";
    let rows = sqlx::query(outstanding)
        .bind(place.organization)
        .bind(place.product_id.hyphenated())
        .bind(place.warehouse)
        .fetch_all(db)
        .await?;
    let (mut on_order, mut demand) = (0_u64, Vec::new());
    for row in rows {
        let quantity = row.try_get::<i64, _>("outstanding")?.unsigned_abs();
        if row.try_get::<&str, _>("side")? == Side::Supply.as_str() {
            on_order += quantity;
        } else {
            // What has no day is due.
            let due_on = row.try_get::<Option<&str>, _>("due_on")?;
            demand.push((due_on.map_or(Ok(today), day)?, quantity));
        }
    }
    let on_hand = on_hand.unwrap_or(0).unsigned_abs();
    Ok(net_flow(on_hand, on_order, qualified_demand(today, rule, &demand)))
}

/// What has left the stock for demand that was due from one day on, and before another.
pub(super) async fn used(
    db: &mut SqliteConnection,
    place: Place<'_>,
    from: Date,
    before: Date,
) -> sqlx::Result<u64> {
    let used: i64 = sqlx::query_scalar(
        "SELECT coalesce(sum(booked), 0) FROM promises
         WHERE organization = ? AND product_id = ? AND warehouse = ? AND side = ?
         AND due_on >= ? AND due_on < ?",
    )
    .bind(place.organization)
    .bind(place.product_id.hyphenated())
    .bind(place.warehouse)
    .bind(Side::Demand.as_str())
    .bind(from.to_string())
    .bind(before.to_string())
    .fetch_one(db)
    .await?;
    Ok(used.unsigned_abs())
}

/// What the catalog says of a product.
pub(super) async fn part(
    db: &mut SqliteConnection,
    organization: &str,
    product_id: Uuid,
) -> sqlx::Result<Option<Part>> {
    let part =
        sqlx::query_scalar("SELECT part FROM products WHERE organization = ? AND product_id = ?")
            .bind(organization)
            .bind(product_id.hyphenated())
            .fetch_optional(db)
            .await?;
    Ok(part.map(|Json(part)| part))
}

/// The catalog says something of a product.
pub(super) async fn keep_part(
    db: &mut SqliteConnection,
    organization: &str,
    product_id: Uuid,
    part: &Part,
) -> sqlx::Result<()> {
    let keep = "
        INSERT INTO products (organization, product_id, part) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET part = excluded.part";
    sqlx::query(keep)
        .bind(organization)
        .bind(product_id.hyphenated())
        .bind(Json(part))
        .execute(db)
        .await?;
    Ok(())
}

/// The buffer of a place.
pub(super) async fn buffer(
    db: &mut SqliteConnection,
    place: Place<'_>,
) -> sqlx::Result<Option<Buffer>> {
    let buffer = sqlx::query_scalar(
        "SELECT buffer FROM buffers WHERE organization = ? AND product_id = ? AND warehouse = ?",
    )
    .bind(place.organization)
    .bind(place.product_id.hyphenated())
    .bind(place.warehouse)
    .fetch_optional(db)
    .await?;
    Ok(buffer.map(|Json(buffer)| buffer))
}

/// All buffers of an organization.
pub(super) async fn buffers(
    db: &mut SqliteConnection,
    organization: &str,
) -> sqlx::Result<Vec<Buffer>> {
    let buffers: Vec<Json<Buffer>> =
        sqlx::query_scalar("SELECT buffer FROM buffers WHERE organization = ?")
            .bind(organization)
            .fetch_all(db)
            .await?;
    Ok(buffers.into_iter().map(|Json(buffer)| buffer).collect())
}

/// Keeps a buffer as it is now.
pub(super) async fn keep(
    db: &mut SqliteConnection,
    organization: &str,
    buffer: &Buffer,
) -> sqlx::Result<()> {
    let keep = "
        INSERT INTO buffers (organization, product_id, warehouse, buffer) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET buffer = excluded.buffer";
    sqlx::query(keep)
        .bind(organization)
        .bind(buffer.product_id.hyphenated())
        .bind(&buffer.warehouse)
        .bind(Json(buffer))
        .execute(db)
        .await?;
    Ok(())
}

fn day(text: &str) -> sqlx::Result<Date> {
    text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
