//! Three orders and what becomes of them.

use console::style;
use event_catalog::CATALOG;
use event_catalog::types::Tracking;
use tidings::outbox::SqliteOutbox;
use tidings::{DeadLetter, Reason, Report, Tidings, Uuid};

use crate::money::euros;
use crate::order_book::OrderBook;
use crate::orders::{OrderService, Repository};
use crate::output::say;
use crate::timeline::{Timeline, short};
use crate::{history, samples, services};

/// Tells the story from the first order to the last word.
pub(crate) async fn tell(
    bus: &Tidings,
    repository: &Repository,
    outbox: &SqliteOutbox,
    stays: bool,
) -> anyhow::Result<()> {
    let timeline = Timeline::told();
    let service = OrderService::new(
        bus,
        samples::ORGANIZATION,
        repository.clone(),
        outbox.clone(),
        timeline.clone(),
    );
    let mut letters = bus.dead_letters(&CATALOG);
    // Those of earlier days are another story.
    while letters.next().await?.is_some() {}

    let book = OrderBook::default();
    let work = Box::pin(scenes(bus, &service));
    let (ids, report) = services::run_during(bus, &service, &timeline, &book, work, stays).await?;

    heading("Orders");
    for order_id in &ids {
        order(repository, *order_id).await?;
    }
    heading("Order book");
    book.to_string().lines().for_each(say);
    heading("Histories");
    let histories = history::histories(bus).await?;
    for order_id in ids {
        let history = history::compare(&histories, repository, order_id).await?;
        let events = history.version();
        say(format_args!("  {}  {events} events say what the database says", short(order_id)));
    }
    heading("What led to what");
    timeline.trail().lines().for_each(say);
    heading("Dead letters");
    while let Some(letter) = letters.next().await? {
        dead_letter(&letter);
    }
    heading("Deliveries");
    let Report { handled, retried, dead_lettered, .. } = report;
    say(format_args!(
        "  {handled} handled, {retried} failed and tried again, {dead_lettered} dead-lettered"
    ));
    Ok(())
}

/// Plays the scenes, and returns the orders in them.
async fn scenes(bus: &Tidings, service: &OrderService) -> anyhow::Result<Vec<Uuid>> {
    let orders = [samples::teapot(), samples::espresso_machine(), samples::fondue_set()];
    let ids = orders.iter().map(|order| order.order_id).collect::<Vec<_>>();
    for order in orders {
        service.place(order).await?;
    }
    services::settled(bus, service).await?;
    let tracking = Tracking {
        carrier: "DHL".to_owned(),
        number: "00340434161094042557".to_owned(),
        url: None,
    };
    service.ship(ids[0], tracking).await?;
    services::settled(bus, service).await?;
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
    say(format_args!("  {}  {total:>12}  {way}", short(order_id)));
    Ok(())
}

fn dead_letter(letter: &DeadLetter) {
    let DeadLetter { subscription, reason, error, attempts, event_type, event_id, .. } = letter;
    let reason = reason.map_or("for an unknown reason", Reason::as_str);
    say(format_args!("  {subscription}  {reason} in attempt {attempts}: {error}"));
    let event = event_type.as_deref().unwrap_or("not an event");
    say(format_args!("    {event}  {}", event_id.as_deref().unwrap_or("without an id")));
}

fn heading(text: &str) {
    say(format_args!("\n{}", style(text).bold()));
}
