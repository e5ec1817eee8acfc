//! What compression takes and gives: an order with many lines, written and read with it and without.

use std::hint::black_box;

use event_catalog::orders::OrderCreated;
use event_catalog::types::OrderLine;
use tidings::{Event as _, Uuid};

use crate::Outcome;
use crate::measure::{Case, Meter, Plan, in_turns};

/// Of the runtime.
const LEVEL: i32 = 3;
const LINES: u64 = 250;

pub(crate) async fn all(plan: &Plan) -> Outcome<[Case; 2]> {
    let order = order()?;
    let json = serde_json::to_vec(&order)?;
    let compressed = zstd::bulk::compress(&json, LEVEL)?;
    println!("an order of {LINES} lines has {} bytes, compressed {}", json.len(), compressed.len());
    Ok([sent(plan, &order).await?, received(plan, &json, &compressed).await?])
}

/// No two lines are of one product, quantity and price: a customer that fills a shop.
fn order() -> Outcome<OrderCreated> {
    let example = OrderCreated::SPEC.examples.first().ok_or("an example")?;
    let mut order: OrderCreated = serde_json::from_str(example)?;
    let first = order.lines.first().ok_or("a line")?.clone();
    let mut random = fastrand::Rng::with_seed(7);
    order.lines = (1..=LINES)
        .map(|line_number| {
            let mut line: OrderLine = first.clone();
            line.line_number = line_number;
            line.product_id = Uuid::from_u128(random.u128(..));
            line.sku = format!("SKU-{:06}", random.u32(..1_000_000));
            line.unit_price.amount_minor = random.u64(100..100_000);
            line
        })
        .collect();
    Ok(order)
}

#[derive(Clone, Copy)]
enum Way {
    Plain,
    Compressed,
}

async fn sent(plan: &Plan, order: &OrderCreated) -> Outcome<Case> {
    let (meter, events) = (Meter::new(None), plan.awaited);
    let programs = [("written as JSON", Way::Plain), ("and compressed", Way::Compressed)];
    in_turns("a large order, to be sent", plan, &programs, async |way| {
        let started = meter.start();
        for _ in 0..events {
            let json = serde_json::to_vec(black_box(order))?;
            match way {
                Way::Plain => drop(black_box(json)),
                Way::Compressed => drop(black_box(zstd::bulk::compress(&json, LEVEL)?)),
            }
        }
        Ok(started.stop(events))
    })
    .await
}

async fn received(plan: &Plan, json: &[u8], compressed: &[u8]) -> Outcome<Case> {
    let (meter, events) = (Meter::new(None), plan.awaited);
    let programs = [("read from JSON", Way::Plain), ("decompressed before", Way::Compressed)];
    in_turns("a large order, received", plan, &programs, async |way| {
        let started = meter.start();
        for _ in 0..events {
            let order: OrderCreated = match way {
                Way::Plain => serde_json::from_slice(black_box(json))?,
                Way::Compressed => {
                    serde_json::from_slice(&zstd::stream::decode_all(black_box(compressed))?)?
                }
            };
            drop(black_box(order));
        }
        Ok(started.stop(events))
    })
    .await
}
