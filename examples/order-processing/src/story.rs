//! What becomes of some orders, on a day on which the payment provider is away for a while.

use std::time::Duration;

use anyhow::Context as _;
use console::style;
use event_catalog::types::{OrderStatus, Tracking};
use event_catalog::{CATALOG, orders, payments};
use sample_program::{heading, say};
use tidings::{BreakerState, DeadLetter, Reason, Report, Service as _, Uuid};
use tokio::time::{interval, timeout};

use crate::money::euros;
use crate::orders::{Database, Repository};
use crate::shop::Shop;
use crate::timeline::short;
use crate::{flow, history, samples};

/// Orders that are placed while the provider is away: enough for the subscription to notice.
const MEANWHILE: usize = 6;
/// How often it is looked at whether payments are paused.
const GLANCE: Duration = Duration::from_millis(10);
/// Longer than it takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells the story from the first order to the last word.
pub(crate) async fn tell<DB: Database>(shop: &Shop<DB>, stays: bool) -> anyhow::Result<()> {
    let work = Box::pin(scenes(shop));
    let (ids, report) = shop.run_during(work, stays).await?;

    heading("Orders");
    for order_id in ids.iter().flatten() {
        order(shop.orders.repository(), *order_id).await?;
    }
    heading("Order book, kept by another service from nothing but events");
    shop.book.to_string().lines().for_each(say);
    heading("Histories");
    let histories = history::histories(shop.connections.of(orders::Service::SPEC)).await?;
    for order_id in ids.iter().flatten() {
        let history = history::compare(&histories, shop.orders.repository(), *order_id).await?;
        let events = history.version();
        say(format_args!("  {}  {events} events say what the database says", short(*order_id)));
    }
    heading("What led to what");
    shop.timeline.trail(&ids[0]).lines().for_each(say);
    heading("Deliveries");
    let Report { handled, retried, dead_lettered, .. } = report;
    say(format_args!(
        "  {handled} handled, {retried} failed and tried again, {dead_lettered} dead-lettered"
    ));
    Ok(())
}

/// Plays the scenes, and returns the orders of each.
async fn scenes<DB: Database>(shop: &Shop<DB>) -> anyhow::Result<[Vec<Uuid>; 2]> {
    let mut letters = shop.operator().dead_letters(&CATALOG);
    // Those of earlier days are another story.
    while letters.next().await?.is_some() {}

    heading("Three orders: one is shipped, one cannot be paid, one is for what nobody has");
    let orders = [samples::teapot(), samples::espresso_machine(), samples::fondue_set()];
    let first = orders.iter().map(|order| order.order_id).collect::<Vec<_>>();
    for order in orders {
        shop.orders.place(order).await?;
    }
    shop.settled().await?;
    shop.orders.ship(first[0], parcel()).await?;
    shop.settled().await?;

    heading("The payment provider is away, and orders come in all the same");
    let second = outage(shop).await?;

    heading("A dead letter, and a second try when a warehouse has what was missing");
    while let Some(letter) = letters.next().await? {
        dead_letter(&letter);
        shop.stock.deliver("FONDUE-SET", 10);
        let letters = shop.operator().dead_letters(&CATALOG).only(letter.sequence);
        letters.redrive().await?;
    }
    shop.settled().await?;
    Ok([first, second])
}

/// The provider is away until payments pause, and all is paid when it is back.
async fn outage<DB: Database>(shop: &Shop<DB>) -> anyhow::Result<Vec<Uuid>> {
    let Shop { provider, timeline, .. } = shop;
    let service = payments::Service::SPEC;
    let before = provider.payments();
    provider.leave();
    let mut ids = Vec::new();
    for _ in 0..MEANWHILE {
        let order = samples::mugs();
        ids.push(order.order_id);
        shop.orders.place(order).await?;
    }
    breaker(shop, |state| !is_closed(state)).await.context("payments are not paused")?;
    timeline.news(service, "one after the other fails: the breaker is open, nothing is tried");
    provider.come_back();
    timeline.news(service, "the provider is back, which is found out by one payment");
    breaker(shop, is_closed).await.context("payments are still paused")?;
    timeline.news(service, "that one was made: the breaker is closed, and all others follow");
    shop.settled().await?;

    for order_id in &ids {
        let order = shop.orders.repository().order(*order_id).await?;
        let status = order.map(|order| order.status());
        anyhow::ensure!(status == Some(OrderStatus::Paid), "{order_id} is {status:?}, not paid");
    }
    let payments = provider.payments() - before;
    anyhow::ensure!(payments == MEANWHILE, "{payments} payments for {MEANWHILE} orders");
    say(format_args!("  {payments} of {MEANWHILE} orders are paid, each once: nothing was lost"));
    Ok(ids)
}

/// Returns once the breaker of payments is as it should be.
async fn breaker<DB: Database>(
    shop: &Shop<DB>,
    is_so: impl Fn(BreakerState) -> bool,
) -> anyhow::Result<()> {
    let bus = shop.connections.of(payments::Service::SPEC);
    let looking = async {
        let mut glances = interval(GLANCE);
        while !bus.breaker(flow::COLLECTION).is_some_and(&is_so) {
            glances.tick().await;
        }
    };
    Ok(timeout(PATIENCE, looking).await?)
}

fn is_closed(state: BreakerState) -> bool {
    matches!(state, BreakerState::Closed { .. })
}

fn parcel() -> Tracking {
    Tracking { carrier: "DHL".to_owned(), number: "00340434161094042557".to_owned(), url: None }
}

async fn order<DB: Database>(repository: &Repository<DB>, order_id: Uuid) -> anyhow::Result<()> {
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
    let event = event_type.as_deref().unwrap_or("not an event");
    let id = event_id.as_deref().unwrap_or("without an id");
    let what = format!("dead letter of {subscription}, {reason} in attempt {attempts}: {error}");
    say(format_args!("  {}", style(what).yellow()));
    say(format_args!("    {event}  {id}"));
}
