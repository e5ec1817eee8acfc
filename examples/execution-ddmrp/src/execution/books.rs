//! What the service knows: its copy of products and suppliers, orders, and stock. Every question names an organization.

use event_catalog::execution::{PurchaseOrderCreated, SalesOrderCreated};
use event_catalog::types::Product;
use sqlx::types::Json;
use sqlx::types::uuid::fmt::Hyphenated;
use sqlx::{Row as _, SqliteConnection};
use tidings::Uuid;

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS products (
        organization TEXT NOT NULL,
        product_id   TEXT NOT NULL,
        sequence     INTEGER NOT NULL,
        product      TEXT NOT NULL,
        PRIMARY KEY (organization, product_id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS suppliers (
        organization TEXT NOT NULL,
        supplier_id  TEXT NOT NULL,
        PRIMARY KEY (organization, supplier_id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS purchase_orders (
        purchase_order_id TEXT PRIMARY KEY,
        organization      TEXT NOT NULL,
        correlation_id    TEXT NOT NULL,
        placed            TEXT NOT NULL,
        received          INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS sales_orders (
        sales_order_id TEXT PRIMARY KEY,
        organization   TEXT NOT NULL,
        placed         TEXT NOT NULL,
        shipped        INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS stock (
        organization TEXT NOT NULL,
        product_id   TEXT NOT NULL,
        warehouse    TEXT NOT NULL,
        on_hand      INTEGER NOT NULL CHECK (on_hand >= 0),
        PRIMARY KEY (organization, product_id, warehouse)
    ) STRICT;
";

/// Takes over what the event at this place of the stream says of a product, unless something newer is known.
pub(super) async fn keep_product(
    db: &mut SqliteConnection,
    organization: &str,
    product_id: Uuid,
    product: &Product,
    sequence: u64,
) -> sqlx::Result<()> {
    let keep = "
        INSERT INTO products (organization, product_id, sequence, product) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET sequence = excluded.sequence, product = excluded.product
        WHERE excluded.sequence > products.sequence";
    sqlx::query(keep)
        .bind(organization)
        .bind(product_id.hyphenated())
        .bind(sequence.cast_signed())
        .bind(Json(product))
        .execute(db)
        .await?;
    Ok(())
}

/// There is such a supplier. What they are called, and whom to ask there, is not kept.
pub(super) async fn keep_supplier(
    db: &mut SqliteConnection,
    organization: &str,
    supplier_id: Uuid,
) -> sqlx::Result<()> {
    let keep =
        "INSERT INTO suppliers (organization, supplier_id) VALUES (?, ?) ON CONFLICT DO NOTHING";
    sqlx::query(keep).bind(organization).bind(supplier_id.hyphenated()).execute(db).await?;
    Ok(())
}

pub(super) async fn product(
    db: &mut SqliteConnection,
    organization: &str,
    product_id: Uuid,
) -> sqlx::Result<Option<Product>> {
    let product = sqlx::query_scalar(
        "SELECT product FROM products WHERE organization = ? AND product_id = ?",
    )
    .bind(organization)
    .bind(product_id.hyphenated())
    .fetch_optional(db)
    .await?;
    Ok(product.map(|Json(product)| product))
}

/// Whether there is such a supplier.
pub(super) async fn knows_supplier(
    db: &mut SqliteConnection,
    organization: &str,
    supplier_id: Uuid,
) -> sqlx::Result<bool> {
    let knows = "SELECT count(*) > 0 FROM suppliers WHERE organization = ? AND supplier_id = ?";
    let knows = sqlx::query_scalar(knows).bind(organization).bind(supplier_id.hyphenated());
    knows.fetch_one(db).await
}

/// A purchase order, and the chain of events that it belongs to.
pub(super) struct Purchase {
    pub(super) placed: PurchaseOrderCreated,
    pub(super) correlation_id: String,
}

/// How many purchase orders there are.
pub(super) async fn purchases(db: &mut SqliteConnection, organization: &str) -> sqlx::Result<u64> {
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM purchase_orders WHERE organization = ?")
            .bind(organization)
            .fetch_one(db)
            .await?;
    Ok(count.unsigned_abs())
}

pub(super) async fn keep_purchase(
    db: &mut SqliteConnection,
    organization: &str,
    purchase: &Purchase,
) -> sqlx::Result<()> {
    let keep = "
        INSERT INTO purchase_orders (purchase_order_id, organization, correlation_id, placed)
        VALUES (?, ?, ?, ?)";
    sqlx::query(keep)
        .bind(purchase.placed.purchase_order_id.hyphenated())
        .bind(organization)
        .bind(&purchase.correlation_id)
        .bind(Json(&purchase.placed))
        .execute(db)
        .await?;
    Ok(())
}

/// Marks a purchase order as received, and returns it; none where there is no such order outstanding.
pub(super) async fn receive(
    db: &mut SqliteConnection,
    organization: &str,
    purchase_order_id: Uuid,
) -> sqlx::Result<Option<Purchase>> {
    let receive = "
        UPDATE purchase_orders SET received = 1
        WHERE organization = ? AND purchase_order_id = ? AND received = 0
        RETURNING placed, correlation_id";
    let row = sqlx::query(receive)
        .bind(organization)
        .bind(purchase_order_id.hyphenated())
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (Json(placed), correlation_id) = (row.try_get("placed")?, row.try_get("correlation_id")?);
    Ok(Some(Purchase { placed, correlation_id }))
}

/// The purchase orders that were not received yet.
pub(super) async fn outstanding(
    db: &mut SqliteConnection,
    organization: &str,
) -> sqlx::Result<Vec<PurchaseOrderCreated>> {
    let outstanding = "
        SELECT placed FROM purchase_orders WHERE organization = ? AND received = 0 ORDER BY rowid";
    let orders: Vec<Json<PurchaseOrderCreated>> =
        sqlx::query_scalar(outstanding).bind(organization).fetch_all(db).await?;
    Ok(orders.into_iter().map(|Json(order)| order).collect())
}

/// How many sales orders there are.
pub(super) async fn sales(db: &mut SqliteConnection, organization: &str) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM sales_orders WHERE organization = ?")
        .bind(organization)
        .fetch_one(db)
        .await?;
    Ok(count.unsigned_abs())
}

pub(super) async fn keep_sale(
    db: &mut SqliteConnection,
    organization: &str,
    placed: &SalesOrderCreated,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO sales_orders (sales_order_id, organization, placed) VALUES (?, ?, ?)")
        .bind(placed.sales_order_id.hyphenated())
        .bind(organization)
        .bind(Json(placed))
        .execute(db)
        .await?;
    Ok(())
}

/// Marks a sales order as shipped, and returns it; none where there is no such order to ship.
pub(super) async fn ship(
    db: &mut SqliteConnection,
    organization: &str,
    sales_order_id: Uuid,
) -> sqlx::Result<Option<SalesOrderCreated>> {
    let ship = "
        UPDATE sales_orders SET shipped = 1
        WHERE organization = ? AND sales_order_id = ? AND shipped = 0
        RETURNING placed";
    let placed = sqlx::query_scalar(ship)
        .bind(organization)
        .bind(sales_order_id.hyphenated())
        .fetch_optional(db)
        .await?;
    Ok(placed.map(|Json(placed)| placed))
}

/// The sales orders that were not shipped yet, the oldest first.
pub(super) async fn unshipped(
    db: &mut SqliteConnection,
    organization: &str,
) -> sqlx::Result<Vec<Uuid>> {
    let unshipped = "
        SELECT sales_order_id FROM sales_orders
        WHERE organization = ? AND shipped = 0 ORDER BY rowid";
    let orders: Vec<Hyphenated> =
        sqlx::query_scalar(unshipped).bind(organization).fetch_all(db).await?;
    Ok(orders.into_iter().map(Hyphenated::into_uuid).collect())
}

/// What is there of a product.
pub(super) async fn on_hand(
    db: &mut SqliteConnection,
    organization: &str,
    product_id: Uuid,
    warehouse: &str,
) -> sqlx::Result<u64> {
    let on_hand: Option<i64> = sqlx::query_scalar(
        "SELECT on_hand FROM stock WHERE organization = ? AND product_id = ? AND warehouse = ?",
    )
    .bind(organization)
    .bind(product_id.hyphenated())
    .bind(warehouse)
    .fetch_optional(db)
    .await?;
    Ok(on_hand.unwrap_or(0).unsigned_abs())
}

/// So much is there from now on.
pub(super) async fn put(
    db: &mut SqliteConnection,
    organization: &str,
    product_id: Uuid,
    warehouse: &str,
    on_hand: u64,
) -> sqlx::Result<()> {
    let put = "
        INSERT INTO stock (organization, product_id, warehouse, on_hand) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET on_hand = excluded.on_hand";
    sqlx::query(put)
        .bind(organization)
        .bind(product_id.hyphenated())
        .bind(warehouse)
        .bind(on_hand.cast_signed())
        .execute(db)
        .await?;
    Ok(())
}
