//! Three orders and what becomes of them.

use console::style;
use event_catalog::CATALOG;
use event_catalog::types::Tracking;
use tidings::{DeadLetter, DeadLetters, Tidings, Uuid};

use crate::money::euros;
use crate::orders::{OrderService, Repository};
use crate::timeline::{Timeline, short};
use crate::{flow, samples, services};

/// Tells the story from the first order to the last word.
pub(crate) async fn tell(bus: &Tidings, repository: &Repository) -> anyhow::Result<()> {
    let timeline = Timeline::told();
    let service =
        OrderService::new(bus, samples::ORGANIZATION, repository.clone(), timeline.clone());
    let mut letters = bus.dead_letters(&CATALOG);
    // Those of earlier days are another story.
    while letters.next().await?.is_some() {}

    let mut told = Ok(Vec::new());
    let run = services::run(bus, &service, &timeline);
    let report = run.until(async { told = scenes(bus, &service).await }).await?;
    let orders = told?;

    heading("Orders");
    for order_id in orders {
        order(repository, order_id).await?;
    }
    heading("What led to what");
    print!("{}", timeline.trail());
    heading("Dead letters");
    dead_letters(letters).await?;
    heading("Deliveries");
    println!(
        "  {} handled, {} failed and tried again, {} dead-lettered",
        report.handled, report.retried, report.dead_lettered
    );
    Ok(())
}

/// Plays the scenes, and returns the orders in them.
async fn scenes(bus: &Tidings, service: &OrderService) -> anyhow::Result<Vec<Uuid>> {
    let orders = [samples::teapot(), samples::espresso_machine(), samples::fondue_set()];
    let ids = orders.iter().map(|order| order.order_id).collect::<Vec<_>>();
    for order in orders {
        service.place(order).await?;
    }
    flow::settled(bus, flow::ALL).await?;
    let tracking = Tracking {
        carrier: "DHL".to_owned(),
        number: "00340434161094042557".to_owned(),
        url: None,
    };
    service.ship(ids[0], tracking).await?;
    flow::settled(bus, flow::ALL).await?;
    Ok(ids)
}

async fn order(repository: &Repository, order_id: Uuid) -> anyhow::Result<()> {
    let Some(order) = repository.order(order_id).await? else {
        anyhow::bail!("the order {order_id} is not in the database");
    };
    let total = euros(&order.created.total);
    let mut way = "pending".to_owned();
    for change in &order.changes {
        way = format!("{way} → {}", change.status);
    }
    println!("  {}  {total:>12}  {:<9}  {way}", short(order_id), order.status().to_string());
    Ok(())
}

async fn dead_letters(mut letters: DeadLetters) -> anyhow::Result<()> {
    while let Some(letter) = letters.next().await? {
        let DeadLetter { subscription, reason, error, attempts, event_type, event_id, .. } = letter;
        let reason = reason.map_or("unknown reason", |reason| reason.as_str());
        println!("  {subscription}  {reason} in attempt {attempts}: {error}");
        let event = event_type.as_deref().unwrap_or("not an event");
        println!("    {event}  {}", event_id.as_deref().unwrap_or("without an id"));
    }
    Ok(())
}

fn heading(text: &str) {
    println!("\n{}", style(text).bold());
}
